import { Text } from "@mantine/core";
import { useMemo } from "react";
import type { TrendsResult } from "../../../api/insights";
import { LineLegend } from "../../../charts/LineLegend";
import { TimeSeriesChart } from "../../../charts/TimeSeriesChart";
import { useSeriesToggle } from "../../../components/useSeriesToggle";
import { ChartPanel } from "../../../components/ChartPanel";
import { DataTable } from "../../../components/DataTable";
import { Panel } from "../../../components/Panel";
import { TimeSeriesTable } from "../../../components/TimeSeriesTable";
import { exactNumber, signedPercent } from "../../../format/numbers";
import { t } from "../../../texts";
import { seriesName, trendLines } from "./trendLines";

interface TrendsProps {
  result: TrendsResult;
  /** When the result was received, in milliseconds since 1970. */
  receivedAt: number;
}

/** Metrics over time, and their totals. */
export function Trends({ result, receivedAt }: TrendsProps) {
  const data = useMemo(() => trendLines(result, receivedAt), [result, receivedAt]);
  const { hidden, toggle } = useSeriesToggle();
  const summary = result.series.map((series) => `${seriesName(series)} ${numberText(series.total)}`).join(", ");
  return (
    <>
      <ChartPanel
        title={t.insights.kinds.trends.name}
        chart={
          <>
            {data.lines.length > 1 ? <LineLegend lines={data.lines} hidden={hidden} onToggle={toggle} /> : null}
            <TimeSeriesChart data={data} hidden={hidden} label={t.insights.overTime(summary)} />
          </>
        }
        table={() => <TimeSeriesTable data={data} caption={t.insights.byInterval(result.interval, result.timezone)} />}
      />
      <Totals result={result} />
    </>
  );
}

function Totals({ result: { series, previous } }: { result: TrendsResult }) {
  const texts = t.insights;
  return (
    <Panel title={texts.totals}>
      <DataTable
        caption={texts.totalsNote}
        columns={[texts.series, texts.total, ...(previous ? [texts.previous, texts.change] : [])]}
        rows={series.map((one, index) => {
          const before = previous?.[index]?.total ?? null;
          return {
            key: String(index),
            cells: [
              seriesName(one),
              numberText(one.total),
              ...(previous ? [numberText(before), changeText(one.total, before)] : []),
            ],
          };
        })}
      />
      {series.map((one, index) =>
        one.ignored ? (
          <Text key={index} size="sm">
            {texts.ignoredValues(seriesName(one), one.ignored)}
          </Text>
        ) : null,
      )}
    </Panel>
  );
}

function numberText(value: number | null): string {
  return value === null ? t.common.none : exactNumber(value);
}

function changeText(now: number | null, before: number | null): string {
  if (now === null || before === null || before === 0) return t.common.none;
  return signedPercent(((now - before) / Math.abs(before)) * 100);
}
