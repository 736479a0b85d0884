import { useCallback, useMemo } from "react";
import type { FigureQuestion } from "../../../api/reports/figures";
import type { LifecycleResult, LifecycleState } from "../../../api/insights/insights";
import { ColourLegend } from "../../../charts/ColourLegend";
import { ColumnChart } from "../../../charts/ColumnChart";
import { progressOf } from "../../../charts/timeSeries";
import { ChartPanel } from "../../../components/figures/ChartPanel";
import { DataTable } from "../../../components/tables/DataTable";
import { Door } from "../../../components/figures/Door";
import { useShowFigure } from "../../../components/figures/figureAddress";
import { Panel } from "../../../components/page/Panel";
import { exactNumber } from "../../../format/numbers";
import { axisLabel, intervalName } from "../../../format/time";
import { t } from "../../../texts";
import type { LifecycleQuery } from "../query/insightQuery";
import { nobodyDid, NoResult } from "./NoResult";

interface LifecycleProps {
  result: LifecycleResult;
  query: LifecycleQuery;
  /** The query as it was sent. */
  body: Record<string, unknown>;
  /** When the result was received, in milliseconds since 1970. */
  receivedAt: number;
}

/** The persons of each interval by whether they were active before; below the axis those who are no longer active. */
export function Lifecycle({ result, query, body, receivedAt }: LifecycleProps) {
  const { interval, timezone } = result;
  const dates = useMemo(() => {
    const all = result.series[0]?.dates ?? [];
    return all.slice(0, progressOf(all, result.to, receivedAt).begun);
  }, [result, receivedAt]);
  const names = useMemo(() => dates.map((date) => axisLabel(date, interval, timezone)), [dates, interval, timezone]);
  const series = useMemo(
    () =>
      result.series.map(({ label, values }) => ({
        state: label,
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
  const show = useShowFigure();
  const figureOf = useCallback(
    (state: LifecycleState, index: number): { title: string; question: FigureQuestion } => {
      const date = dates[index] ?? "";
      return {
        title: t.explore.usersBehind(`${t.insights.lifecycle[state]} · ${intervalName(date, interval, timezone)}`),
        question: { kind: "lifecycle", query: { ...body, interval }, point: { state, date } },
      };
    },
    [body, dates, interval, timezone],
  );
  const openBar = useCallback(
    (bar: number, index: number) => {
      const state = series[bar]?.state;
      if (state) show?.(figureOf(state, index));
    },
    [series, figureOf, show],
  );
  if (series.every(({ values }) => values.every((value) => value === 0))) {
    return (
      <Panel title={t.insights.kinds.lifecycle.name}>
        <NoResult title={nobodyDid([query.event])} query={query} />
      </Panel>
    );
  }
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
            onColumn={show ? openBar : undefined}
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
              cells: [intervalName(date, interval, timezone), ...series.map(({ state, values }) => {
                  const { title, question } = figureOf(state, index);
                  return (
                    <Door key={state} figure={title} question={values[index] ? question : null}>
                      {countText(values[index])}
                    </Door>
                  );
                })],
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
