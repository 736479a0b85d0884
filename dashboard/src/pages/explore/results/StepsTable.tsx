import type { FunnelStep } from "../../../api/insights/insights";
import { DataTable } from "../../../components/tables/DataTable";
import { Door } from "../../../components/figures/Door";
import { duration } from "../../../format/duration";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { t } from "../../../texts";

/** The figures of the steps of a funnel. */
export function StepsTable({ caption, steps, body }: { caption: string; steps: FunnelStep[]; body: Record<string, unknown> }) {
  const { step: stepColumn, users, conversion, fromPrevious, droppedOff, medianTime } = t.insights.funnelColumns;
  return (
    <DataTable
      isWhole
      caption={caption}
      columns={[stepColumn, users, conversion, fromPrevious, droppedOff, medianTime]}
      rows={steps.map((step, index) => ({
        key: String(index),
        cells: [
          t.insights.numberedStep(index + 1, step.label),
          <Door key="reached" figure={t.explore.reached(step.label)} question={step.persons > 0 ? { kind: "funnel", query: body, point: { step: index } } : null}>
            {exactNumber(step.persons)}
          </Door>,
          sharePercent(step.conversion),
          index === 0 ? "" : sharePercent(step.from_previous),
          <DropOff key="dropped" step={step} next={steps[index + 1]} index={index + 1} body={body} />,
          step.median_seconds === null ? "" : duration(step.median_seconds),
        ],
      }))}
    />
  );
}

interface DropOffProps {
  step: FunnelStep;
  next: FunnelStep | undefined;
  /** Of the next step. */
  index: number;
  body: Record<string, unknown>;
}

/** Those who reached a step and not the next one. */
function DropOff({ step, next, index, body }: DropOffProps) {
  if (!next) return null;
  const persons = step.persons - next.persons;
  return (
    <Door figure={t.explore.droppedBefore(next.label)} question={persons > 0 ? { kind: "funnel", query: body, point: { step: index, dropped: true } } : null}>
      {exactNumber(persons)}
    </Door>
  );
}
