import { useCallback, useMemo } from "react";
import type { FigureQuestion } from "../../../api/reports/figures";
import type { StickinessResult } from "../../../api/insights/insights";
import { ColourLegend } from "../../../charts/ColourLegend";
import { ColumnChart } from "../../../charts/ColumnChart";
import { ChartPanel } from "../../../components/figures/ChartPanel";
import { DataTable } from "../../../components/tables/DataTable";
import { Door } from "../../../components/figures/Door";
import { useShowFigure } from "../../../components/figures/figureAddress";
import { Panel } from "../../../components/page/Panel";
import { exactNumber } from "../../../format/numbers";
import { t } from "../../../texts";
import type { StickinessQuery } from "../query/insightQuery";
import { nobodyDid, NoResult } from "./NoResult";

interface StickinessProps {
  result: StickinessResult;
  query: StickinessQuery;
  /** The query as it was sent. */
  body: Record<string, unknown>;
}

/** How many persons were active in exactly 1, 2, 3 … intervals of the range. */
export function Stickiness({ result: { series, interval }, query, body }: StickinessProps) {
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
  const show = useShowFigure();
  const figureOf = useCallback(
    (bar: number, index: number, isAtLeast: boolean): { title: string; question: FigureQuestion } => {
      const label = series[bar]?.label ?? "";
      return {
        title: t.explore.usersBehind(`${isAtLeast ? t.insights.atLeast(label) : label} · ${intervals(index)}`),
        question: { kind: "stickiness", query: { ...body, interval }, point: { series_index: bar, times: index + 1, at_least: isAtLeast } },
      };
    },
    [series, intervals, body, interval],
  );
  const openBar = useCallback(
    (bar: number, index: number) => {
      show?.(figureOf(bar, index, false));
    },
    [figureOf, show],
  );
  const door = (bar: number, index: number, isAtLeast: boolean, persons: number) => {
    const { title: figure, question } = figureOf(bar, index, isAtLeast);
    return (
      <Door key={figure} figure={figure} question={persons > 0 ? question : null}>
        {exactNumber(persons)}
      </Door>
    );
  };
  if (series.every(({ values }) => values.every((persons) => persons === 0))) {
    return (
      <Panel title={title}>
        <NoResult title={nobodyDid(query.series)} query={query} />
      </Panel>
    );
  }
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
            onColumn={show ? openBar : undefined}
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
              ...series.flatMap(({ values, at_least: atLeast }, bar) => [
                door(bar, index, false, values[index] ?? 0),
                door(bar, index, true, atLeast[index] ?? 0),
              ]),
            ],
          }))}
        />
      )}
    />
  );
}
