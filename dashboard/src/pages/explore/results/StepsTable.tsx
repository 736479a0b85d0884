import type { FunnelStep } from "../../../api/insights";
import { DataTable } from "../../../components/DataTable";
import { duration } from "../../../format/duration";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { t } from "../../../texts";

/** The figures of the steps of a funnel. */
export function StepsTable({ caption, steps }: { caption: string; steps: FunnelStep[] }) {
  const { step: stepColumn, users, conversion, fromPrevious, droppedOff, medianTime } = t.insights.funnelColumns;
  return (
    <DataTable
      caption={caption}
      columns={[stepColumn, users, conversion, fromPrevious, droppedOff, medianTime]}
      rows={steps.map((step, index) => ({
        key: String(index),
        cells: [
          t.insights.numberedStep(index + 1, step.label),
          exactNumber(step.persons),
          sharePercent(step.conversion),
          index === 0 ? "" : sharePercent(step.from_previous),
          dropOff(step, steps[index + 1]),
          step.median_seconds === null ? "" : duration(step.median_seconds),
        ],
      }))}
    />
  );
}

function dropOff(step: FunnelStep, next?: FunnelStep): string {
  return next ? exactNumber(step.persons - next.persons) : "";
}
