import { Skeleton, Switch } from "@mantine/core";
import { lazy, Suspense, useMemo, type ReactNode } from "react";
import type { Timeseries, TopEvents } from "../../api/client";
import { LineLegend } from "../../charts/LineLegend";
import { useSeriesToggle } from "../../components/useSeriesToggle";
import { ChartPanel } from "../../components/ChartPanel";
import { TimeSeriesTable } from "../../components/TimeSeriesTable";
import { t } from "../../texts";
import { SharesTable, TopEventsTable } from "./ChartTables";
import classes from "./OverviewPage.module.css";
import { shares } from "./shares";
import { timeline } from "./timeline";

// ECharts is most of the script; it is loaded with the first chart.
const TimeSeriesChart = lazy(() =>
  import("../../charts/TimeSeriesChart").then((module) => ({ default: module.TimeSeriesChart })),
);
const BarList = lazy(() => import("../../charts/BarList").then((module) => ({ default: module.BarList })));
const DonutChart = lazy(() => import("../../charts/DonutChart").then((module) => ({ default: module.DonutChart })));

const MAX_BARS = 8;

interface TimelinePanelProps {
  data: Timeseries | undefined;
  /** When the data was received, in milliseconds since 1970. */
  receivedAt: number;
  isByEvent: boolean;
  onByEvent: (isByEvent: boolean) => void;
}

/** Events over time, in total or by event. */
export function TimelinePanel({ data, receivedAt, isByEvent, onByEvent }: TimelinePanelProps) {
  const { hidden, toggle } = useSeriesToggle();
  const series = useMemo(() => (data ? timeline(data, receivedAt) : undefined), [data, receivedAt]);
  const total = series?.lines.reduce((sum, line) => sum + line.total, 0) ?? 0;
  return (
    <ChartPanel
      title={t.overview.eventsOverTime}
      actions={
        <Switch
          label={t.overview.byEvent}
          size="xs"
          checked={isByEvent}
          onChange={(event) => {
            onByEvent(event.currentTarget.checked);
          }}
        />
      }
      chart={
        <WhenLoaded isLoaded={series !== undefined} isEmpty={total === 0}>
          {series && isByEvent ? <LineLegend lines={series.lines} hidden={hidden} onToggle={toggle} /> : null}
          {series ? <TimeSeriesChart data={series} hidden={hidden} label={t.overview.eventsOverTimeOf(total)} /> : null}
        </WhenLoaded>
      }
      table={() => (series ? <TimeSeriesTable data={series} caption={t.overview.eventsByInterval(series.timezone)} /> : null)}
    />
  );
}

/** The most frequent events. */
export function TopEventsPanel({ data }: { data: TopEvents | undefined }) {
  const bars = useMemo(
    () => data?.items.slice(0, MAX_BARS).map(({ event_name: label, count, share }) => ({ label, value: count, share })),
    [data],
  );
  return (
    <ChartPanel
      title={t.overview.topEvents}
      chart={
        <WhenLoaded isLoaded={bars !== undefined} isEmpty={bars?.length === 0}>
          {bars ? <BarList bars={bars} valueName={t.insights.metrics.count} label={t.overview.mostFrequent} /> : null}
        </WhenLoaded>
      }
      table={() => (data ? <TopEventsTable items={data.items} /> : null)}
    />
  );
}

/** The share of each event name in all events. */
export function SharePanel({ data }: { data: TopEvents | undefined }) {
  const slices = useMemo(() => (data ? shares(data) : undefined), [data]);
  const total = data?.total_events ?? 0;
  return (
    <ChartPanel
      title={t.overview.shareOfEvents}
      chart={
        <WhenLoaded isLoaded={slices !== undefined} isEmpty={slices?.length === 0}>
          {slices ? (
            <DonutChart
              slices={slices}
              total={total}
              unit={t.projects.eventNoun(total)}
              valueName={t.insights.metrics.count}
              label={t.overview.shareOf(total)}
            />
          ) : null}
        </WhenLoaded>
      }
      table={() => (slices ? <SharesTable slices={slices} /> : null)}
    />
  );
}

interface WhenLoadedProps {
  isLoaded: boolean;
  isEmpty: boolean;
  children: ReactNode;
}

function WhenLoaded({ isLoaded, isEmpty, children }: WhenLoadedProps) {
  if (!isLoaded) return <Skeleton height={240} />;
  if (isEmpty) return <div className={classes.empty}>{t.overview.noEvents}</div>;
  return <Suspense fallback={<Skeleton height={240} />}>{children}</Suspense>;
}
