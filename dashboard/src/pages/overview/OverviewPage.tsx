import { Skeleton, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useSearchParams } from "react-router";
import type { Project } from "../../api/client";
import { useHasEvents, useOverviewFigures } from "../../api/overview";
import { useShownResult } from "../../api/useShownResult";
import { AnswerNotes } from "../../components/AnswerNotes";
import { ErrorAlert } from "../../components/ErrorAlert";
import { PageTitle } from "../../components/PageTitle";
import { useAddressState } from "../../components/useAddressState";
import { rangeName, zoneName } from "../../format/time";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { SharePanel, TimelinePanel, TopEventsPanel } from "./ChartPanels";
import { Controls } from "./Controls";
import { EmptyProject } from "./EmptyProject";
import { EventFeed } from "./EventFeed";
import { Metrics } from "./Metrics";
import classes from "./OverviewPage.module.css";
import { periodOf } from "./periods";
import { RefusedEvents } from "./RefusedEvents";

const BY_EVENT = "event";

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
  const [parameters] = useSearchParams();
  const [, setPeriod] = useAddressState("period");
  const [split, setSplit] = useAddressState("split");
  const period = periodOf(parameters);
  const isByEvent = split === BY_EVENT;
  const [isLive, setLive] = useState(true);
  const figures = useOverviewFigures({ projectId: project.id, period, live: isLive }, isByEvent);
  const { shown, isOutdated } = useShownResult(figures);

  return (
    <>
      <PageTitle
        title={project.name}
        note={t.overview.timesIn(zoneName(project.timezone, new Date()))}
        actions={
          <Controls
            period={period}
            onPeriod={setPeriod}
            isLive={isLive}
            onLive={setLive}
            updatedAt={figures.dataUpdatedAt}
          />
        }
      />
      <Stack gap="md">
        {figures.error ? (
          <ErrorAlert
            title={shown ? t.overview.stale : t.overview.notLoaded}
            error={figures.error}
            retry={() => void figures.refetch()}
          />
        ) : null}
        <Stack gap="md" className={classes.figures} data-outdated={isOutdated} aria-busy={isOutdated}>
          {shown ? <Range from={shown.overview.from} to={shown.overview.to} zone={shown.overview.timezone} /> : null}
          {shown ? (
            <AnswerNotes
              answers={[shown.overview, shown.timeseries, shown.topEvents]}
              intervals={{ interval: shown.timeseries.interval, starts: shown.timeseries.series[0]?.dates ?? [] }}
            />
          ) : null}
          <Metrics overview={shown?.overview} previousPeriod={t.overview.periods[shown?.period ?? period].previous} />
          {shown?.intake ? <RefusedEvents intake={shown.intake} /> : null}
          <TimelinePanel
            data={shown?.timeseries}
            receivedAt={figures.dataUpdatedAt}
            isByEvent={isByEvent}
            onByEvent={(chosen) => {
              setSplit(chosen ? BY_EVENT : "");
            }}
          />
          <div className={classes.pair}>
            <TopEventsPanel data={shown?.topEvents} />
            <SharePanel data={shown?.topEvents} />
          </div>
        </Stack>
        <EventFeed project={project} isLive={isLive} names={shown?.topEvents.items.map((item) => item.event_name) ?? []} />
      </Stack>
    </>
  );
}

/** The dates that the figures below are of, whatever has been chosen since. */
function Range({ from, to, zone }: { from: string; to: string; zone: string }) {
  return (
    <Text size="sm" c="dimmed">
      {rangeName(from, to, zone)}
    </Text>
  );
}
