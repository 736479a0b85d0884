import { useMemo } from "react";
import type { FunnelOrder } from "../../../api/insights/insights";
import { useFunnelTrend } from "../../../api/insights/funnelTrend";
import { progressOf, type TimeSeries } from "../../../charts/timeSeries";
import { TimeSeriesChart } from "../../../charts/TimeSeriesChart";
import { DataTable } from "../../../components/tables/DataTable";
import { LoadingSkeleton } from "../../../components/states/LoadingSkeleton";
import { ErrorAlert } from "../../../notices/ErrorAlert";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { intervalName } from "../../../format/time";
import { t } from "../../../texts";
import classes from "../ExplorePage.module.css";

interface FunnelTrendProps {
  projectId: number;
  /** The query of the funnel, as it was sent. */
  body: Record<string, unknown>;
  order: FunnelOrder;
  receivedAt: number;
}

const NONE_HIDDEN: ReadonlySet<string> = new Set();
const SHARES = { shape: "line", isLog: false, isShare: true } as const;

/** Of the users who begin in each interval, the share that completes the funnel. */
export function FunnelTrend({ projectId, body, order, receivedAt }: FunnelTrendProps) {
  if (order === "any") return <div className={classes.hint}>{t.explore.trendNeedsOrder}</div>;
  return <OrderedTrend projectId={projectId} body={body} receivedAt={receivedAt} />;
}

function OrderedTrend({ projectId, body, receivedAt }: Omit<FunnelTrendProps, "order">) {
  const { data: trend, error, refetch } = useFunnelTrend(projectId, body);
  const data = useMemo((): TimeSeries | undefined => {
    if (!trend) return undefined;
    const { begun, openIndex } = progressOf(trend.dates, trend.to, receivedAt);
    const values = trend.entered.map((entered, index) => (entered === 0 || index >= begun ? null : (trend.completed[index] ?? 0) / entered));
    const line = { id: "0", label: t.insights.funnelColumns.conversion, isRest: false, values, total: 0 };
    return { interval: trend.interval, timezone: trend.timezone, starts: trend.dates, lines: [line], openIndex };
  }, [trend, receivedAt]);
  if (error) return <ErrorAlert error={error} retry={() => void refetch()} />;
  if (!trend || !data) return <LoadingSkeleton height={300} />;
  const { users, conversion } = t.insights.funnelColumns;
  return (
    <>
      <TimeSeriesChart data={data} hidden={NONE_HIDDEN} view={SHARES} label={t.explore.funnelCharts.trend} />
      <DataTable
        caption={t.explore.trendNote}
        columns={[t.insights.start, users, t.explore.completed, conversion]}
        rows={trend.dates
          .map((date, index) => ({ date, entered: trend.entered[index] ?? 0, completed: trend.completed[index] ?? 0 }))
          .filter(({ entered }) => entered > 0)
          .map(({ date, entered, completed }) => ({
            key: date,
            cells: [intervalName(date, trend.interval, trend.timezone), exactNumber(entered), exactNumber(completed), sharePercent(completed / entered)],
          }))
          .reverse()}
      />
    </>
  );
}
