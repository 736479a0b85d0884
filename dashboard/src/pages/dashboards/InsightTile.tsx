import { Skeleton } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";
import { insightAddress, useInsight, type Insight, type InsightKind } from "../../api/insights/insights";
import type { Project, SavedInsight } from "../../api/requests/client";
import { AnswerNotes } from "../../components/figures/AnswerNotes";
import { ProofLine } from "../../components/figures/ProofLine";
import { ReportContent } from "../../components/figures/ReportContent";
import { useReport, type Report } from "../../report/useReport";
import { t } from "../../texts";
import { ViewOfTile, type View } from "../explore/query/view";
import { openInsight } from "../explore/saved/editing";

const InsightResult = lazy(() =>
  import("../explore/results/InsightResult").then((module) => ({ default: module.InsightResult })),
);

type Body = Record<string, unknown>;

/** Of these an interval is what is asked for, such as the retention of weeks; of others only how finely a chart is drawn. */
const KINDS_OF_INTERVALS: readonly string[] = ["retention", "lifecycle", "stickiness"];
const LONG_INTERVALS: readonly unknown[] = ["week", "month"];

/** What of a saved query the dates of the dashboard take the place of; an hourly insight of a day is no hourly one of a year. */
const OF_THE_RANGE = ["period", "days", "from", "to", "interval"];

/** The result of a saved insight for the dates and filters of the dashboard. */
export function InsightTile({ project, saved }: { project: Project; saved: SavedInsight }) {
  const open = useMemo(() => openInsight(saved), [saved]);
  if (open === null) return <>{t.dashboards.otherKind}</>;
  return <OpenTile project={project} {...open} />;
}

function OpenTile({ project, kind, body: query, view }: { project: Project; kind: InsightKind; body: Body; view: View }) {
  const report = useReport();
  const body = useMemo(() => tileBody(kind, query, report), [kind, query, report]);
  const result = useInsight(project.id, kind, body);
  return (
    <ReportContent result={result} zone={project.timezone}>
      {(insight) => (
        <TileResult
          project={project.id}
          insight={insight}
          view={view}
          receivedAt={result.dataUpdatedAt}
          path={insightAddress(project.id, kind)}
        />
      )}
    </ReportContent>
  );
}

interface TileResultProps {
  project: number;
  insight: Insight;
  /** How the insight is shown, as it was saved. */
  view: View;
  receivedAt: number;
  /** Where the query can be sent; null: the reader may not send it. */
  path: string | null;
}

/** A result in the view that was saved with its insight. */
export function TileResult({ project, insight, view, receivedAt, path }: TileResultProps) {
  const [changed, setChanged] = useState<View>({});
  const shown = useMemo(() => ({ ...view, ...changed }), [view, changed]);
  return (
    <ViewOfTile
      value={[
        shown,
        (changes) => {
          setChanged((before) => ({ ...before, ...changes }));
        },
      ]}
    >
      <Suspense fallback={<Skeleton height={280} radius="lg" />}>
        <InsightResult projectId={project} insight={insight} receivedAt={receivedAt} change={ignore} />
      </Suspense>
      <AnswerNotes answers={[insight.result]} />
      {path === null ? null : <ProofLine {...insight.result} query={{ path, body: insight.body }} />}
    </ViewOfTile>
  );
}

/** The query of an insight for the dates of the dashboard, and for events that both their filters match. */
export function tileBody(kind: string, query: Body, { range, body: { filters } }: Pick<Report, "range" | "body">): Body {
  const isAskedFor = KINDS_OF_INTERVALS.includes(kind) && LONG_INTERVALS.includes(query["interval"]);
  const rest = Object.fromEntries(Object.entries(query).filter(([name]) => !OF_THE_RANGE.includes(name) || (isAskedFor && name === "interval")));
  const both = [rest["filters"], filters].filter((one) => one !== undefined && one !== null);
  return { ...rest, ...range, ...(both.length > 0 ? { filters: both.length === 1 ? both[0] : { and: both } } : {}) };
}

function ignore() {
  // A tile shows its insight; it is changed in Explore.
}
