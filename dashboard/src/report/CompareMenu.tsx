import { Button } from "@mantine/core";
import { IconArrowsDiff } from "@tabler/icons-react";
import { t } from "../texts";
import { ChoiceMenu } from "./ChoiceMenu";
import { COMPARISONS, type Compare } from "./reportState";

/** The choice of what the period is compared with. */
export function CompareMenu({ compare, onChange }: { compare: Compare; onChange: (compare: Compare) => void }) {
  return (
    <ChoiceMenu
      label={t.report.compare}
      choices={COMPARISONS.map((value) => ({ value, label: t.report.comparisons[value] }))}
      value={compare}
      onChange={onChange}
    >
      <Button variant="default" size="xs" leftSection={<IconArrowsDiff size={15} stroke={1.7} />}>
        {t.report.comparedWith[compare]}
      </Button>
    </ChoiceMenu>
  );
}
