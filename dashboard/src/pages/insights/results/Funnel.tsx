import { useCallback, useMemo } from "react";
import type { FunnelAnswer, FunnelStep } from "../../../api/insights";
import { ColourKey } from "../../../charts/ColourKey";
import { ColumnChart } from "../../../charts/ColumnChart";
import { Panel } from "../../../components/Panel";
import { DataTable } from "../../../components/DataTable";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { duration } from "../../../format/duration";

const OTHER = "Other";
const percent = (value: number) => sharePercent(value / 100);

/** ColumnChart as high as the share of persons that came so far, and the figures of each step. */
export function Funnel({ answer }: { answer: FunnelAnswer }) {
  const parts = useMemo(
    () => (answer.breakdown.length > 0 ? answer.breakdown : [{ value: "All", steps: answer.steps }]),
    [answer],
  );
  const names = useMemo(() => answer.steps.map(({ label }, place) => `${place + 1}. ${label}`), [answer]);
  const series = useMemo(
    () =>
      parts.map(({ value, steps }) => ({
        label: value,
        values: steps.map(({ conversion }) => conversion * 100),
        isRest: parts.length > 1 && value === OTHER,
      })),
    [parts],
  );
  const tooltip = useCallback(
    (place: number) => ({
      title: names[place] ?? "",
      rows: parts.map(({ value, steps }) => ({
        label: value,
        value: `${exactNumber(steps[place]?.persons ?? 0)} (${sharePercent(steps[place]?.conversion ?? 0)})`,
      })),
    }),
    [names, parts],
  );
  const last = answer.steps.at(-1);
  const began = answer.steps[0]?.persons ?? 0;
  return (
    <>
      <Panel title={`${sharePercent(last?.conversion ?? 0)} of ${exactNumber(began)} persons came through`}>
        {parts.length > 1 ? <ColourKey labels={parts.map(({ value }) => value)} rest={OTHER} /> : null}
        <ColumnChart
          names={names}
          series={series}
          axis={percent}
          most={100}
          showsEveryName
          {...(parts.length === 1 ? { above: percent } : {})}
          tooltip={tooltip}
          label={answer.steps.map((step, place) => `Step ${place + 1}: ${step.label}, ${exactNumber(step.persons)} persons`).join("; ")}
        />
      </Panel>
      <Panel title="Step by step">
        {(answer.breakdown.length > 0 ? [{ value: "All", steps: answer.steps }, ...answer.breakdown] : parts).map(({ value, steps }, place) => (
          <Steps key={place} caption={answer.breakdown.length > 0 ? value : "All persons"} steps={steps} />
        ))}
      </Panel>
    </>
  );
}

function Steps({ caption, steps }: { caption: string; steps: FunnelStep[] }) {
  return (
    <DataTable
      caption={caption}
      columns={["Step", "Persons", "Of first", "Of previous", "Stopped", "Median time"]}
      rows={steps.map((step, place) => ({
        key: String(place),
        cells: [
          `${place + 1}. ${step.label}`,
          exactNumber(step.persons),
          sharePercent(step.conversion),
          place === 0 ? "" : sharePercent(step.from_previous),
          stopped(step, steps[place + 1]),
          step.median_seconds === null ? "" : duration(step.median_seconds),
        ],
      }))}
    />
  );
}

function stopped(step: FunnelStep, next?: FunnelStep): string {
  return next ? exactNumber(step.persons - next.persons) : "";
}
