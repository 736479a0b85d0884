import { useCallback, useMemo } from "react";
import type { LifecycleResult } from "../../../api/insights";
import { ColourLegend } from "../../../charts/ColourLegend";
import { ColumnChart } from "../../../charts/ColumnChart";
import { progressOf } from "../../../charts/timeSeries";
import { ChartPanel } from "../../../components/ChartPanel";
import { DataTable } from "../../../components/DataTable";
import { exactNumber } from "../../../format/numbers";
import { axisLabel, intervalName } from "../../../format/time";
import { t } from "../../../texts";

interface LifecycleProps {
  result: LifecycleResult;
  /** When the result was received, in milliseconds since 1970. */
  receivedAt: number;
}

/** The persons of each interval by whether they were active before; below the axis those who are no longer active. */
export function Lifecycle({ result, receivedAt }: LifecycleProps) {
  const { interval, timezone } = result;
  const dates = useMemo(() => {
    const all = result.series[0]?.dates ?? [];
    return all.slice(0, progressOf(all, result.to, receivedAt).begun);
  }, [result, receivedAt]);
  const names = useMemo(() => dates.map((date) => axisLabel(date, interval, timezone)), [dates, interval, timezone]);
  const series = useMemo(
    () =>
      result.series.map(({ label, values }) => ({
        label: t.insights.lifecycle[label],
        values: values.slice(0, dates.length),
      })),
    [result, dates],
  );
  const tooltip = useCallback(
    (index: number) => ({
      title: intervalName(dates[index] ?? "", interval, timezone),
      rows: series.map(({ label, values }) => ({ label, value: countText(values[index]) })),
    }),
    [dates, series, interval, timezone],
  );
  return (
    <ChartPanel
      title={t.insights.kinds.lifecycle.name}
      chart={
        <>
          <ColourLegend items={series} />
          <ColumnChart
            names={names}
            series={series}
            stacked
            tooltip={tooltip}
            label={series
              .map(({ label, values }) => t.charts.summary(label, countText(values.reduce((sum, one) => sum + one, 0))))
              .join(", ")}
          />
        </>
      }
      table={() => (
        <DataTable
          caption={t.insights.usersByInterval(interval, timezone)}
          columns={[t.insights.start, ...series.map(({ label }) => label)]}
          rows={dates
            .map((date, index) => ({
              key: date,
              cells: [intervalName(date, interval, timezone), ...series.map(({ values }) => countText(values[index]))],
            }))
            .reverse()}
        />
      )}
    />
  );
}

/** Format a count of persons; dormant ones are counted below zero. */
function countText(count = 0): string {
  return exactNumber(Math.abs(count));
}
