import { useCallback, useMemo } from "react";
import type { FunnelResult, FunnelStep } from "../../../api/insights";
import { ColourLegend } from "../../../charts/ColourLegend";
import { ColumnChart } from "../../../charts/ColumnChart";
import { DataTable } from "../../../components/DataTable";
import { Panel } from "../../../components/Panel";
import { duration } from "../../../format/duration";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { valueName } from "../../../format/valueName";
import { t } from "../../../texts";

/** The columns are percentages, so that the axis ends at 100. */
const percent = (value: number) => sharePercent(value / 100);

/** The share of persons who reached each step, and the figures of the steps. */
export function Funnel({ result }: { result: FunnelResult }) {
  const isBrokenDown = result.breakdown.length > 0;
  const all = useMemo(() => ({ name: t.insights.all, steps: result.steps, isRest: false }), [result]);
  const parts = useMemo(() => (isBrokenDown ? result.breakdown.map(partOf) : [all]), [result, isBrokenDown, all]);
  const names = useMemo(() => result.steps.map(stepName), [result]);
  const series = useMemo(
    () =>
      parts.map(({ name, steps, isRest }) => ({
        label: name,
        values: steps.map(({ conversion }) => conversion * 100),
        isRest,
      })),
    [parts],
  );
  const tooltip = useCallback(
    (index: number) => ({
      title: names[index] ?? "",
      rows: parts.map(({ name, steps }) => ({
        label: name,
        value: t.insights.usersAndShare(steps[index]?.persons ?? 0, sharePercent(steps[index]?.conversion ?? 0)),
      })),
    }),
    [names, parts],
  );
  const conversion = result.steps.at(-1)?.conversion ?? 0;
  return (
    <>
      <Panel title={t.insights.completed(sharePercent(conversion), result.steps[0]?.persons ?? 0)}>
        {parts.length > 1 ? <ColourLegend items={series} /> : null}
        <ColumnChart
          names={names}
          series={series}
          axis={percent}
          max={100}
          showsEveryName
          {...(parts.length === 1 ? { above: percent } : {})}
          tooltip={tooltip}
          label={result.steps
            .map(({ label, persons }, index) => t.insights.stepSummary(index + 1, label, persons))
            .join("; ")}
        />
      </Panel>
      <Panel title={t.insights.stepByStep}>
        {isBrokenDown ? (
          [all, ...parts].map(({ name, steps }, index) => <StepsTable key={index} caption={name} steps={steps} />)
        ) : (
          <StepsTable caption={t.insights.allUsers} steps={result.steps} />
        )}
      </Panel>
    </>
  );
}

function partOf({ value, is_other: isRest, steps }: FunnelResult["breakdown"][number]) {
  return { name: valueName(value, isRest), steps, isRest };
}

function stepName({ label }: FunnelStep, index: number): string {
  return t.insights.numberedStep(index + 1, label);
}

function StepsTable({ caption, steps }: { caption: string; steps: FunnelStep[] }) {
  const { step: stepColumn, users, conversion, fromPrevious, droppedOff, medianTime } = t.insights.funnelColumns;
  return (
    <DataTable
      caption={caption}
      columns={[stepColumn, users, conversion, fromPrevious, droppedOff, medianTime]}
      rows={steps.map((step, index) => ({
        key: String(index),
        cells: [
          stepName(step, index),
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
