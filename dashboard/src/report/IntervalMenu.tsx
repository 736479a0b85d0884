import { Button } from "@mantine/core";
import { INTERVALS } from "../constants.gen";
import type { Interval } from "../format/time";
import { t } from "../texts";
import { ChoiceMenu } from "./ChoiceMenu";

const AUTOMATIC = "automatic";

/** The choice of the interval of charts; null is the one that reads best. */
export function IntervalMenu({ interval, onChange }: { interval: Interval | null; onChange: (interval: Interval | null) => void }) {
  return (
    <ChoiceMenu
      label={t.report.interval}
      choices={[
        { value: AUTOMATIC, label: t.report.automaticInterval },
        ...INTERVALS.map((value) => ({ value, label: t.insights.intervals[value].adverb })),
      ]}
      value={interval ?? AUTOMATIC}
      onChange={(value) => {
        onChange(value === AUTOMATIC ? null : value);
      }}
    >
      <Button variant="default" size="xs">
        {interval === null ? t.report.interval : t.insights.intervals[interval].adverb}
      </Button>
    </ChoiceMenu>
  );
}
