import { Alert, List } from "@mantine/core";
import { IconFilterExclamation } from "@tabler/icons-react";
import type { Report } from "../../api/client";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";

const COUNTED = ["stored", "duplicate"];

/** The received events of the period that are in no figure, by reason; nothing when there are none. */
export function RefusedEvents({ intake: { outcomes, received } }: { intake: Report<"intake"> }) {
  const reasons = Object.entries(outcomes).filter(([outcome, count]) => count > 0 && !COUNTED.includes(outcome));
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  return (
    <Alert color="coral" icon={<IconFilterExclamation size={18} />} title={t.overview.refused.title(total, received)}>
      <List size="sm">
        {reasons
          .sort(([, one], [, other]) => other - one)
          .map(([outcome, count]) => (
            <List.Item key={outcome}>
              {exactNumber(count)}: {outcome.replaceAll("_", " ")}
            </List.Item>
          ))}
      </List>
    </Alert>
  );
}
