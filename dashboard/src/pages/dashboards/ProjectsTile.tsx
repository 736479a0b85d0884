import { Alert, Skeleton, Text } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import type { Project, SavedInsight } from "../../api/requests/client";
import type { TileProjects } from "../../api/insights/dashboards";
import { useProjectTrends, type ProjectTrends, type ProjectTrendsBody } from "../../api/insights/projectTrends";
import { progressOf, withoutFuture, type TimeSeries } from "../../charts/timeSeries";
import { ReportContent } from "../../components/figures/ReportContent";
import { exactNumber } from "../../format/numbers";
import { clockTime } from "../../format/time";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { tileBody } from "./InsightTile";

const TimeSeriesChart = lazy(() =>
  import("../../charts/TimeSeriesChart").then((module) => ({ default: module.TimeSeriesChart })),
);
const TimeSeriesTable = lazy(() =>
  import("../../components/tables/TimeSeriesTable").then((module) => ({ default: module.TimeSeriesTable })),
);
const NONE_HIDDEN: ReadonlySet<string> = new Set();

interface ProjectsTileProps {
  project: Project;
  saved: SavedInsight;
  projects: TileProjects;
}

/** The series of an insight over several projects, for the dates and filters of the dashboard. */
export function ProjectsTile({ project, saved, projects }: ProjectsTileProps) {
  const report = useReport();
  const body = useMemo(() => projectsBody(tileBody(saved.kind, saved.query, report), projects), [saved, report, projects]);
  const result = useProjectTrends(project.id, body);
  return (
    <ReportContent result={result} zone={project.timezone}>
      {(answer) => <Answer answer={answer} asked={projects.ids.length} receivedAt={result.dataUpdatedAt} />}
    </ReportContent>
  );
}

/** What all projects are asked: the series, without what belongs to one project's answer. */
function projectsBody(query: Record<string, unknown>, { ids, combine }: TileProjects): ProjectTrendsBody {
  const { period, from, to, interval, filters, weighted, series } = query as Partial<ProjectTrendsBody>;
  return { period, from, to, interval, filters, weighted, series, project_ids: ids, combine } as ProjectTrendsBody;
}

interface AnswerProps {
  answer: ProjectTrends;
  /** How many projects were asked. */
  asked: number;
  receivedAt: number;
}

function Answer({ answer, asked, receivedAt }: AnswerProps) {
  const data = useMemo(() => linesOf(answer, asked, receivedAt), [answer, asked, receivedAt]);
  const summary = data.lines.map(({ label, total }) => `${label} ${exactNumber(total)}`).join(", ");
  return (
    <>
      {answer.missing.length > 0 ? <Missing missing={answer.missing} zone={answer.timezone} /> : null}
      {data.lines.length > 0 ? (
        <Suspense fallback={<Skeleton height={280} radius="lg" />}>
          <TimeSeriesChart data={data} hidden={NONE_HIDDEN} label={t.insights.overTime(summary)} height={260} />
          <TimeSeriesTable data={data} caption={t.dashboards.totals(summary)} />
        </Suspense>
      ) : null}
      <Text size="xs" c="dimmed" mt="xs">
        {[t.dashboards.daysOfAll(answer.timezone), ...(answer.as_of === null ? [] : [t.proof.asOf(clockTime(answer.as_of, answer.timezone))])].join(" · ")}
      </Text>
    </>
  );
}

/** Says which projects the figures lack, and why. */
function Missing({ missing, zone }: { missing: ProjectTrends["missing"]; zone: string }) {
  return (
    <Alert color="gray" role="note" p="xs" mb="sm" title={t.dashboards.projectsMissing}>
      {missing.map(({ project_id: id, name, reason }) => (
        <Text key={id} size="sm" style={{ overflowWrap: "anywhere" }}>
          {reason === "no_access" ? t.dashboards.noAccessTo(id) : t.dashboards.otherZone(name ?? String(id), zone)}
        </Text>
      ))}
    </Alert>
  );
}

function linesOf(answer: ProjectTrends, asked: number, now: number): TimeSeries {
  const { begun, openIndex } = progressOf(answer.dates, answer.to, now);
  const several = new Set(answer.lines.map(({ label, metric }) => `${label} ${metric}`)).size > 1;
  const lines = answer.lines.map(({ project, label, metric, values, total }, index) => {
    const series = t.explore.seriesName(label, t.insights.metricNames[metric as keyof typeof t.insights.metricNames], null, null, null);
    const owner = project ?? t.dashboards.sumOf(asked - answer.missing.length);
    return {
      id: String(index),
      label: several ? `${owner}: ${series}` : owner,
      isRest: false,
      values: withoutFuture(values, begun),
      total: total ?? 0,
    };
  });
  return { interval: answer.interval, timezone: answer.timezone, starts: answer.dates, openIndex, lines };
}
