import { Skeleton, Stack } from "@mantine/core";
import { useState } from "react";
import { useSearchParams } from "react-router";
import type { Project } from "../../api/client";
import { useHasEvents, useOverview, useTimeseries, useTopEvents } from "../../api/overview";
import { ErrorAlert } from "../../components/ErrorAlert";
import { PageTitle } from "../../components/PageTitle";
import { zoneName } from "../../format/time";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { SharePanel, TimelinePanel, TopEventsPanel } from "./ChartPanels";
import { Controls } from "./Controls";
import { EmptyProject } from "./EmptyProject";
import { EventFeed } from "./EventFeed";
import { Metrics } from "./Metrics";
import classes from "./OverviewPage.module.css";
import { periodOf } from "./periods";

/** The main figures of a project, and its newest events. */
export function OverviewPage() {
  return <ProjectPage>{(project) => <EmptyOrOverview project={project} />}</ProjectPage>;
}

function EmptyOrOverview({ project }: { project: Project }) {
  const hasEvents = useHasEvents(project.id);
  if (hasEvents.data === false) return <EmptyProject project={project} error={hasEvents.error} />;
  return hasEvents.isPending ? <Skeleton height={400} radius="lg" /> : <Overview project={project} />;
}

function Overview({ project }: { project: Project }) {
  const [parameters, setParameters] = useSearchParams();
  const period = periodOf(parameters);
  const [isLive, setLive] = useState(true);
  const [isByEvent, setByEvent] = useState(false);
  const scope = { projectId: project.id, period, live: isLive };

  const overview = useOverview(scope);
  const series = useTimeseries(scope, isByEvent);
  const top = useTopEvents(scope);
  const queries = [overview, series, top];
  const failed = queries.find((query) => query.error);

  return (
    <>
      <PageTitle
        title={project.name}
        note={t.overview.timesIn(zoneName(project.timezone, new Date()))}
        actions={
          <Controls
            period={period}
            onPeriod={(value) => {
              setParameters({ period: value }, { replace: true });
            }}
            isLive={isLive}
            onLive={setLive}
            updatedAt={overview.dataUpdatedAt}
          />
        }
      />
      <Stack gap="md">
        {failed ? (
          <ErrorAlert
            title={failed.data ? t.overview.stale : t.overview.notLoaded}
            error={failed.error}
            retry={() => {
              for (const query of queries) void query.refetch();
            }}
          />
        ) : null}
        <Metrics overview={overview.data} previousPeriod={t.overview.periods[period].previous} />
        <TimelinePanel data={series.data} receivedAt={series.dataUpdatedAt} isByEvent={isByEvent} onByEvent={setByEvent} />
        <div className={classes.pair}>
          <TopEventsPanel data={top.data} />
          <SharePanel data={top.data} />
        </div>
        <EventFeed project={project} isLive={isLive} names={top.data?.items.map((item) => item.event_name) ?? []} />
      </Stack>
    </>
  );
}
