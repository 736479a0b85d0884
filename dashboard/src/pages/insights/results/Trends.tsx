import { useMemo, useState } from "react";
import type { TrendsAnswer } from "../../../api/insights";
import { TimeSeriesChart } from "../../../charts/TimeSeriesChart";
import { LineLegend } from "../../../charts/LineLegend";
import { ChartPanel } from "../../../components/ChartPanel";
import { DataTable } from "../../../components/DataTable";
import { Panel } from "../../../components/Panel";
import { exactNumber, signedPercent } from "../../../format/numbers";
import { intervalName } from "../../../format/time";
import { seriesName, trendLines } from "./trendLines";

/** Lines over time, and what each comes to. */
export function Trends({ answer, at }: { answer: TrendsAnswer; at: number }) {
  const data = useMemo(() => trendLines(answer, at), [answer, at]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next);
  };
  const spoken = answer.series.map((series) => `${seriesName(series)} ${figure(series.total)}`).join(", ");
  return (
    <>
      <ChartPanel
        title="Trends"
        chart={
          <>
            {data.lines.length > 1 ? <LineLegend lines={data.lines} hidden={hidden} onToggle={toggle} /> : null}
            <TimeSeriesChart data={data} hidden={hidden} label={`Over time: ${spoken}`} />
          </>
        }
        table={() => (
          <DataTable
            caption={`By ${answer.interval}, times in ${answer.timezone}`}
            columns={["Begins", ...data.lines.map(({ label }) => label)]}
            rows={data.starts
              .map((start, bucket) => ({
                key: start,
                cells: [
                  intervalName(start, data.interval, data.timezone),
                  ...data.lines.map(({ values }) => figure(values[bucket] ?? null)),
                ],
              }))
              .reverse()}
          />
        )}
      />
      <Panel title="Of the whole range">
        <DataTable
          caption="A person who comes on several days counts once"
          columns={answer.previous ? ["Series", "Total", "Before", "Change"] : ["Series", "Total"]}
          rows={answer.series.map((series, place) => {
            const before = answer.previous?.[place]?.total;
            return {
              key: String(place),
              cells: [
                seriesName(series),
                figure(series.total),
                ...(answer.previous ? [figure(before ?? null), change(series.total, before ?? null)] : []),
              ],
            };
          })}
        />
      </Panel>
    </>
  );
}

function figure(value: number | null): string {
  return value === null ? "–" : exactNumber(value);
}

function change(now: number | null, before: number | null): string {
  return now === null || before === null || before === 0 ? "–" : signedPercent((now / before - 1) * 100);
}
