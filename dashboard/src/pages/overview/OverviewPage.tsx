import { Group, Paper, SegmentedControl, SimpleGrid, Skeleton, Stack, Switch, Text, Title } from "@mantine/core";
import { useDocumentTitle, useInterval } from "@mantine/hooks";
import { lazy, Suspense, useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import type { Period, Project } from "../../api/client";
import { useOverview, useRecentEvents, useTimeseries, useTopEvents } from "../../api/queries";
import { MetricCard } from "../../components/MetricCard";
import { Problem } from "../../components/Problem";
import { ProjectPage } from "../ProjectPage";
import { EmptyProject } from "./EmptyProject";
import { EventFeed } from "./EventFeed";

// ECharts is most of the script; it is fetched with the first chart.
const EventsOverTime = lazy(() =>
  import("../../charts/EventsOverTime").then((module) => ({ default: module.EventsOverTime })),
);
const TopEventsBars = lazy(() =>
  import("../../charts/TopEventsBars").then((module) => ({ default: module.TopEventsBars })),
);
const EventShare = lazy(() => import("../../charts/EventShare").then((module) => ({ default: module.EventShare })));

const PERIODS: { value: Period; label: string }[] = [
  { value: "today", label: "Today" },
  { value: "24h", label: "24 h" },
  { value: "7d", label: "7 days" },
  { value: "30d", label: "30 days" },
  { value: "90d", label: "90 days" },
];

/** How a project does, now and over the last days. */
export function OverviewPage() {
  return <ProjectPage>{(project) => <Overview project={project} />}</ProjectPage>;
}

function Overview({ project }: { project: Project }) {
  useDocumentTitle(`${project.name} · Tidemark`);
  const [parameters, setParameters] = useSearchParams();
  const period = PERIODS.find(({ value }) => value === parameters.get("period"))?.value ?? "7d";
  const [live, setLive] = useState(true);
  const [split, setSplit] = useState(false);

  const overview = useOverview(project.id, period, { live });
  const series = useTimeseries(project.id, period, split, { live });
  const top = useTopEvents(project.id, period, { live });
  const anyEvent = useRecentEvents(project.id, null, { live });
  const problem = overview.error ?? series.error ?? top.error;

  if (anyEvent.data?.items.length === 0) return <EmptyProject project={project} />;
  const figures = overview.data;
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Title order={1} fz={24}>
            {project.name}
          </Title>
          <Text size="sm" c="dimmed">
            Times in {project.timezone} · <Updated at={overview.dataUpdatedAt} />
          </Text>
        </div>
        <Group>
          <Switch
            label="Live"
            checked={live}
            onChange={(event) => {
              setLive(event.currentTarget.checked);
            }}
          />
          <SegmentedControl
            aria-label="Period"
            size="xs"
            data={PERIODS}
            value={period}
            onChange={(value) => {
              setParameters({ period: value }, { replace: true });
            }}
          />
        </Group>
      </Group>
      {problem ? <Problem error={problem} retry={() => void overview.refetch()} /> : null}
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <MetricCard
          label="Total events"
          value={figures?.total_events}
          change={figures?.change.total_events}
          previous={figures?.previous.total_events}
        />
        <MetricCard
          label="Unique users"
          value={figures?.unique_users}
          change={figures?.change.unique_users}
          previous={figures?.previous.unique_users}
        />
        <MetricCard
          label="Sessions"
          value={figures?.unique_sessions}
          change={figures?.change.unique_sessions}
          previous={figures?.previous.unique_sessions}
        />
        <MetricCard
          label="Page views"
          value={figures?.page_views}
          change={figures?.change.page_views}
          previous={figures?.previous.page_views}
        />
      </SimpleGrid>
      <Suspense fallback={<Skeleton height={360} />}>
        <Paper withBorder p="md" component="section" aria-label="Events over time">
          <Group justify="space-between" mb="xs">
            <Title order={2} fz={16}>
              Events over time
            </Title>
            <Switch
              label="By event"
              size="xs"
              checked={split}
              onChange={(event) => {
                setSplit(event.currentTarget.checked);
              }}
            />
          </Group>
          {series.data ? <EventsOverTime data={series.data} /> : <Skeleton height={300} />}
        </Paper>
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Paper withBorder p="md" component="section" aria-label="Top events">
            <Title order={2} fz={16} mb="xs">
              Top events
            </Title>
            {top.data ? <TopEventsBars items={top.data.items} /> : <Skeleton height={300} />}
          </Paper>
          <Paper withBorder p="md" component="section" aria-label="Share of events">
            <Title order={2} fz={16} mb="xs">
              Share of events
            </Title>
            {top.data ? <EventShare data={top.data} /> : <Skeleton height={300} />}
          </Paper>
        </SimpleGrid>
      </Suspense>
      <EventFeed project={project} live={live} names={top.data?.items.map((item) => item.event_name) ?? []} />
    </Stack>
  );
}

/** "updated 3 s ago", counting. */
function Updated({ at }: { at: number }) {
  const [now, setNow] = useState(() => Date.now());
  const { start, stop } = useInterval(() => {
    setNow(Date.now());
  }, 1_000);
  useEffect(() => {
    start();
    return stop;
  }, [start, stop]);
  if (at === 0) return <>loading</>;
  return <>updated {Math.max(0, Math.round((now - at) / 1_000))} s ago</>;
}
