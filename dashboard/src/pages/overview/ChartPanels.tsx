import { Skeleton, Switch } from "@mantine/core";
import { lazy, Suspense, useMemo, useState, type ReactNode } from "react";
import type { Timeseries, TopEvents } from "../../api/client";
import { LineLegend } from "../../charts/LineLegend";
import { shares } from "./shares";
import { timeline } from "../../charts/timeSeries";
import { ChartPanel } from "../../components/ChartPanel";
import { SharesTable, TimelineTable, TopEventsTable } from "./ChartTables";
import classes from "./OverviewPage.module.css";

// ECharts is most of the script; it is fetched with the first chart.
const TimeSeriesChart = lazy(() =>
  import("../../charts/TimeSeriesChart").then((module) => ({ default: module.TimeSeriesChart })),
);
const BarList = lazy(() =>
  import("../../charts/BarList").then((module) => ({ default: module.BarList })),
);
const DonutChart = lazy(() => import("../../charts/DonutChart").then((module) => ({ default: module.DonutChart })));

/** How many names the bars show. */
const MOST_BARS = 8;

interface TimelinePanelProps {
  data: Timeseries | undefined;
  /** When the data came, in milliseconds since 1970. */
  at: number;
  isSplit: boolean;
  onSplit: (split: boolean) => void;
}

/** Events over time, together or by name. */
export function TimelinePanel({ data, at, isSplit, onSplit }: TimelinePanelProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const lines = useMemo(() => (data ? timeline(data, at) : undefined), [data, at]);
  const isEmpty = lines?.lines.every((line) => line.total === 0);
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next);
  };
  return (
    <ChartPanel
      title="Events over time"
      actions={
        <Switch
          label="By event"
          size="xs"
          checked={isSplit}
          onChange={(event) => {
            setHidden(new Set());
            onSplit(event.currentTarget.checked);
          }}
        />
      }
      chart={
        <Ready when={lines !== undefined} isEmpty={isEmpty}>
          {lines && isSplit ? <LineLegend lines={lines.lines} hidden={hidden} onToggle={toggle} /> : null}
          {lines ? <TimeSeriesChart data={lines} hidden={hidden} /> : null}
        </Ready>
      }
      table={() => (lines ? <TimelineTable data={lines} /> : null)}
    />
  );
}

/** The most frequent events. */
export function TopEventsPanel({ data }: { data: TopEvents | undefined }) {
  const items = useMemo(() => data?.items.slice(0, MOST_BARS), [data]);
  return (
    <ChartPanel
      title="Top events"
      chart={
        <Ready when={items !== undefined} isEmpty={items?.length === 0}>
          {items ? <BarList items={items} /> : null}
        </Ready>
      }
      table={() => (data ? <TopEventsTable items={data.items} /> : null)}
    />
  );
}

/** What part of all events each name has. */
export function SharePanel({ data }: { data: TopEvents | undefined }) {
  const parts = useMemo(() => (data ? shares(data) : undefined), [data]);
  return (
    <ChartPanel
      title="Share of events"
      chart={
        <Ready when={parts !== undefined} isEmpty={parts?.length === 0}>
          {parts && data ? <DonutChart data={parts} total={data.total_events} /> : null}
        </Ready>
      }
      table={() => (parts ? <SharesTable parts={parts} /> : null)}
    />
  );
}

interface ReadyProps {
  when: boolean;
  isEmpty: boolean | undefined;
  children: ReactNode;
}

function Ready({ when, isEmpty, children }: ReadyProps) {
  if (!when) return <Skeleton height={240} />;
  if (isEmpty) return <div className={classes.empty}>No events in this period</div>;
  return <Suspense fallback={<Skeleton height={240} />}>{children}</Suspense>;
}
