import { useCallback, useMemo } from "react";
import type { StickinessResult } from "../../../api/insights";
import { ColourLegend } from "../../../charts/ColourLegend";
import { ColumnChart } from "../../../charts/ColumnChart";
import { ChartPanel } from "../../../components/ChartPanel";
import { DataTable } from "../../../components/DataTable";
import { exactNumber } from "../../../format/numbers";
import { t } from "../../../texts";

/** How many persons were active in exactly 1, 2, 3 … intervals of the range. */
export function Stickiness({ result: { series, interval } }: { result: StickinessResult }) {
  const columnCount = useMemo(
    () => Math.max(1, ...series.map(({ values }) => values.findLastIndex((persons) => persons > 0) + 1)),
    [series],
  );
  const names = useMemo(() => Array.from({ length: columnCount }, (_, index) => String(index + 1)), [columnCount]);
  const columns = useMemo(
    () => series.map(({ label, values }) => ({ label, values: values.slice(0, columnCount) })),
    [series, columnCount],
  );
  const intervals = useCallback((index: number) => t.insights.intervalCount(interval, index + 1), [interval]);
  const tooltip = useCallback(
    (index: number) => ({
      title: t.insights.activeOnCount(intervals(index)),
      rows: series.flatMap(({ label, values, at_least: atLeast }) => [
        { label, value: exactNumber(values[index] ?? 0) },
        { label: t.insights.atLeast(label), value: exactNumber(atLeast[index] ?? 0) },
      ]),
    }),
    [series, intervals],
  );
  const title = t.insights.stickinessTitle(interval);
  return (
    <ChartPanel
      title={title}
      chart={
        <>
          {series.length > 1 ? <ColourLegend items={series} /> : null}
          <ColumnChart
            names={names}
            series={columns}
            tooltip={tooltip}
            label={columns
              .map(({ label, values }) =>
                t.charts.summary(label, values.map((persons, index) => t.insights.usersOn(persons, intervals(index))).join(", ")),
              )
              .join("; ")}
          />
        </>
      }
      table={() => (
        <DataTable
          caption={title}
          columns={[t.insights.activeOn, ...series.flatMap(({ label }) => [label, t.insights.atLeast(label)])]}
          rows={names.map((name, index) => ({
            key: name,
            cells: [
              intervals(index),
              ...series.flatMap(({ values, at_least: atLeast }) => [
                exactNumber(values[index] ?? 0),
                exactNumber(atLeast[index] ?? 0),
              ]),
            ],
          }))}
        />
      )}
    />
  );
}
