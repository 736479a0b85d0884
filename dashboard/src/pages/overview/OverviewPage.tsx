import { Skeleton, Stack } from "@mantine/core";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useHasEvents, useOverview, useTimeseries, useTopEvents } from "../../api/overview";
import type { Project } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { ErrorAlert } from "../../components/ErrorAlert";
import { zoneName } from "../../format/time";
import { ProjectPage } from "../ProjectPage";
import { Controls } from "./Controls";
import { EmptyProject } from "./EmptyProject";
import { EventFeed } from "./EventFeed";
import { Metrics } from "./Metrics";
import { periodOf } from "./periods";
import { SharePanel, TimelinePanel, TopEventsPanel } from "./ChartPanels";
import classes from "./OverviewPage.module.css";

/** How a project does, now and over the last days. */
export function OverviewPage() {
  return <ProjectPage>{(project) => <FirstEventOrOverview project={project} />}</ProjectPage>;
}

function FirstEventOrOverview({ project }: { project: Project }) {
  const hasEvents = useHasEvents(project.id);
  if (hasEvents.data === false) return <EmptyProject project={project} error={hasEvents.error} />;
  return hasEvents.isPending ? <Skeleton height={400} radius="lg" /> : <Overview project={project} />;
}

function Overview({ project }: { project: Project }) {
  const [parameters, setParameters] = useSearchParams();
  const period = periodOf(parameters);
  const [live, setLive] = useState(true);
  const [split, setSplit] = useState(false);
  const scope = { projectId: project.id, period: period.value, live };

  const overview = useOverview(scope);
  const series = useTimeseries(scope, split);
  const top = useTopEvents(scope);
  const requests = [overview, series, top];
  const failed = requests.find((request) => request.error);

  return (
    <>
      <PageTitle
        title={project.name}
        note={`Times in ${zoneName(project.timezone, new Date())}`}
        actions={
          <Controls
            period={period.value}
            onPeriod={(value) => {
              setParameters({ period: value }, { replace: true });
            }}
            live={live}
            onLive={setLive}
            updatedAt={overview.dataUpdatedAt}
          />
        }
      />
      <Stack gap="md">
        {failed ? (
          <ErrorAlert
            title={failed.data ? "These figures are no longer fresh" : "The figures could not be loaded"}
            error={failed.error}
            retry={() => {
              for (const request of requests) void request.refetch();
            }}
          />
        ) : null}
        <Metrics overview={overview.data} before={period.before} />
        <TimelinePanel data={series.data} at={series.dataUpdatedAt} isSplit={split} onSplit={setSplit} />
        <div className={classes.pair}>
          <TopEventsPanel data={top.data} />
          <SharePanel data={top.data} />
        </div>
        <EventFeed project={project} live={live} names={top.data?.items.map((item) => item.event_name) ?? []} />
      </Stack>
    </>
  );
}
