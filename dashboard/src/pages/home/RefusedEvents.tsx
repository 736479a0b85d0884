import { Alert, Anchor, List, Text } from "@mantine/core";
import { IconFilterExclamation } from "@tabler/icons-react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Report } from "../../api/requests/client";
import { POLICY_REASONS } from "../../constants.gen";
import { reasonText } from "../../features/outcomes";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";
import { isLeftOut } from "./hasRefused";

const BY_SETTINGS: readonly string[] = POLICY_REASONS;

type Reason = [outcome: string, count: number];

/** The received events of the period that are in no figure, by reason; nothing when there are none. */
export function RefusedEvents({ projectId, intake: { outcomes, received } }: { projectId: number; intake: Report<"intake"> }) {
  const reasons = Object.entries(outcomes)
    .filter(([outcome, count]) => isLeftOut(outcome, count))
    .sort(([, one], [, other]) => other - one);
  const leftOut = reasons.filter(([outcome]) => BY_SETTINGS.includes(outcome));
  const refused = reasons.filter(([outcome]) => !BY_SETTINGS.includes(outcome));
  return (
    <>
      {refused.length > 0 ? (
        <Alert color="coral" icon={<IconFilterExclamation size={18} />} title={t.home.refused.title(total(refused), received)}>
          <List size="sm">
            {refused.map((reason) => (
              <List.Item key={reason[0]}>
                {inWords(reason)}. {reasonText(reason[0]).fix}
              </List.Item>
            ))}
          </List>
          <Text size="sm">{t.home.refused.byArrival}</Text>
          <Anchor component={Link} to={projectAddress(projectId, "/health")} size="sm" c="inherit" underline="always">
            {t.shell.links.health}
          </Anchor>
        </Alert>
      ) : null}
      {leftOut.length > 0 ? (
        <Text size="xs" c="dimmed" role="note">
          {t.home.refused.bySettings(total(leftOut), received, leftOut.map(inWords))} {t.home.refused.byArrival}
        </Text>
      ) : null}
    </>
  );
}

function total(reasons: Reason[]): number {
  return reasons.reduce((sum, [, count]) => sum + count, 0);
}

function inWords([outcome, count]: Reason): string {
  return `${exactNumber(count)}: ${reasonText(outcome).label}`;
}
