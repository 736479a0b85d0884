import { Skeleton, Stack } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { Project, RecentEvent } from "../../api/requests/client";
import { useAnnotations } from "../../api/insights/annotations";
import { useGoals } from "../../api/insights/goals";
import { CONNECTED_MS, LIVE_MS, useIntake, useKeyMetrics, useLive, useMovers } from "../../api/reports/home";
import { newestEvents, useLiveEvents } from "../../api/events/liveEvents";
import { useVisitorsOnline } from "../../api/events/liveVisitors";
import { reportAddress } from "../../api/reports/reportAddress";
import { useShownResult } from "../../api/cache/useShownResult";
import { AnswerNotes } from "../../components/figures/AnswerNotes";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { PageTitle } from "../../components/page/PageTitle";
import { ProofLine } from "../../components/figures/ProofLine";
import { AnnotationList } from "../../features/annotations/AnnotationList";
import { StatusLine } from "../../features/eventStream/StatusLine";
import { zoneName } from "../../format/time";
import { ReportBar } from "../../report/ReportBar";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import classes from "./HomePage.module.css";
import { ChooseFigures } from "./ChooseFigures";
import { KeyFigures } from "./KeyFigures";
import { LatestEvents } from "./LatestEvents";
import { Pinned } from "./Pinned";
import { isOfGoal, useChosenFigures } from "./homeFigures";
import { hasRefused } from "./hasRefused";
import { SetupChecklist } from "./SetupChecklist";
import { WhatChanged } from "./WhatChanged";

// Most projects have nothing to say here.
const RefusedEvents = lazy(() => import("./RefusedEvents").then(({ RefusedEvents }) => ({ default: RefusedEvents })));
const EmptyProject = lazy(() => import("./EmptyProject").then(({ EmptyProject }) => ({ default: EmptyProject })));

const EVENTS_SHOWN = 8;

/** Whether all is well with a project today: its main figures, what changed, its newest events. */
export function HomePage() {
  return <ProjectPage>{(project) => <EmptyOrHome project={project} />}</ProjectPage>;
}

function EmptyOrHome({ project }: { project: Project }) {
  const stored = useLiveEvents(project.id, "", true);
  const usersNow = useVisitorsOnline(project.id);
  const asksEvery = stored.isConnected && usersNow !== null ? CONNECTED_MS : LIVE_MS;
  const live = useLive(project.id, { limit: EVENTS_SHOWN }, true, asksEvery);
  if (live.data?.events.length === 0 && stored.events.length === 0) return <EmptyProject project={project} error={live.error} />;
  const events = newestEvents(stored.events, live.data?.events ?? [], EVENTS_SHOWN);
  return <Home project={project} live={live} events={events} usersNow={usersNow} asksEvery={asksEvery} />;
}

interface HomeProps {
  project: Project;
  live: ReturnType<typeof useLive>;
  events: readonly RecentEvent[];
  /** null: the connection that says so is not open. */
  usersNow: number | null;
  /** How often the page asks what happens now, in milliseconds. */
  asksEvery: number;
}

function Home({ project, live, events, usersNow, asksEvery }: HomeProps) {
  const report = useReport();
  const zone = project.timezone;
  // Without a comparison in the chart, figures and changes still say how they differ from before.
  const compare = report.compare === "none" ? ("previous_period" as const) : report.compare;
  const compared = { ...report.query, ...(compare === "previous_period" ? {} : { compare }) };
  const [chosen, setChosen] = useChosenFigures(project.id);
  const goals = useGoals(project.id, chosen?.some(isOfGoal) ?? false).data ?? [];
  const query = {
    ...compared,
    ...(report.interval === null ? {} : { interval: report.interval }),
    ...(chosen === null ? {} : { metric: [...chosen] }),
  };
  const figures = useKeyMetrics(project.id, query);
  const { shown, isOutdated, hasFailed } = useShownResult(figures);
  const answer = shown?.answer;
  const movers = useMovers(project.id, compared);
  const changes = useShownResult(movers);
  const annotations = useAnnotations(project.id).data ?? [];
  const intake = useIntake(project.id, report.range).data;
  return (
    <>
      <PageTitle
        title={project.name}
        note={<StatusLine live={live.data} usersNow={usersNow} asksEvery={asksEvery} receivedAt={live.dataUpdatedAt} zone={zone} />}
        actions={
          <div className={classes.bar}>
            <ReportBar project={project} />
          </div>
        }
      />
      <Stack gap="md">
        {figures.error ? (
          <ErrorAlert
            title={shown ? t.home.stale : t.home.notLoaded}
            error={figures.error}
            retry={() => void figures.refetch()}
          />
        ) : null}
        <Stack gap="md" data-outdated={isOutdated} aria-busy={isOutdated}>
          <AnswerNotes answers={[answer]} intervals={answer ? { interval: answer.interval, starts: answer.dates } : undefined} />
          {hasFailed ? null : (
            <KeyFigures
              answer={answer}
              asked={shown?.asked}
              receivedAt={figures.dataUpdatedAt}
              withPrevious={report.compare !== "none"}
              annotations={annotations}
              goals={goals}
              choice={<ChooseFigures projectId={project.id} chosen={chosen} answer={answer} onChange={setChosen} />}
            >
              {answer ? (
                <>
                  <AnnotationList
                    project={project}
                    annotations={annotations}
                    points={answer.dates.map((start) => ({ start, value: null }))}
                  />
                  <ProofLine
                    took_ms={answer.took_ms}
                    timezone={answer.timezone}
                    source={answer.source}
                    as_of={answer.as_of}
                    sealed_days={answer.sealed_days}
                    events={answer.metrics.find(({ metric }) => metric === "total_events")?.value}
                    delay={live.data?.storing.seconds_behind ?? 0}
                    query={{ path: reportAddress(project.id, "key-metrics", shown.asked) }}
                  />
                </>
              ) : (
                <Skeleton height={16} w={240} mt="xs" />
              )}
            </KeyFigures>
          )}
          <Suspense>{intake && hasRefused(intake) ? <RefusedEvents projectId={project.id} intake={intake} /> : null}</Suspense>
        </Stack>
        <div className={classes.pair}>
          <WhatChanged
            movers={changes.shown}
            isOutdated={changes.isOutdated}
            error={movers.error}
            retry={() => void movers.refetch()}
            answer={answer}
            onFilter={(property, value) => {
              report.addFilter({ property, operator: "is", values: [value], scope: "event" });
            }}
          />
          <Pinned projectId={project.id} />
        </div>
        <LatestEvents project={project} live={live} events={events} />
        <SetupChecklist project={project} />
      </Stack>
      <p className={classes.zone}>{t.home.timesIn(zoneName(zone, new Date()))}</p>
    </>
  );
}
