import { Group, Skeleton } from "@mantine/core";
import { lazy, Suspense, useRef } from "react";
import { insightAddress, type Insight, type InsightQueryResult } from "../../api/insights/insights";
import { useShownResult } from "../../api/cache/useShownResult";
import { AnswerNotes } from "../../components/figures/AnswerNotes";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { SavePicture } from "../../components/download/SavePicture";
import { Panel } from "../../components/page/Panel";
import { ProofLine } from "../../components/figures/ProofLine";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import type { Interval } from "../../format/time";
import { t } from "../../texts";
import { labelledMessages } from "./query/fieldLabels";
import type { InsightQuery } from "./query/insightQuery";
import { sentence } from "./query/sentence";
import classes from "./ExplorePage.module.css";

// ECharts is most of the script; it is loaded with the first result.
const InsightResult = lazy(() => import("./results/InsightResult").then((module) => ({ default: module.InsightResult })));

interface ResultPanelProps {
  projectId: number;
  /** What the query lacks; null: it was sent. */
  problem: string | null;
  insight: InsightQueryResult;
  query: InsightQuery;
  change: (query: InsightQuery) => void;
  /** What the server says of each field of the query, as the form numbers them. */
  errors: Record<string, string[]>;
}

/** The result of a query, also while the query is incomplete, while the result loads, and when the server refuses. */
export function ResultPanel({ projectId, problem, insight, query, change, errors }: ResultPanelProps) {
  const { shown, isOutdated } = useShownResult(insight);
  const result = useRef<HTMLDivElement>(null);
  if (problem !== null) {
    return (
      <Panel title={t.insights.kinds[query.kind].name}>
        <div className={classes.hint}>{problem}</div>
      </Panel>
    );
  }
  return (
    <div ref={result} className={classes.result} data-outdated={isOutdated} aria-busy={insight.isFetching} aria-live="off">
      {insight.error ? <Failure error={insight.error} fields={errors} retry={() => void insight.refetch()} /> : null}
      {shown && !insight.error ? (
        <Suspense fallback={<Skeleton height={360} radius="lg" />}>
          <InsightResult projectId={projectId} insight={shown} receivedAt={insight.dataUpdatedAt} change={change} />
          <AnswerNotes answers={[shown.result]} intervals={intervalsOf(shown)} />
          <Group justify="space-between" gap="xs">
            <ProofLine {...shown.result} query={{ path: insightAddress(projectId, shown.kind), body: shown.body }} />
            <div data-not-pictured>
              <SavePicture name={sentence(query)} elementOf={() => result.current} />
            </div>
          </Group>
        </Suspense>
      ) : null}
      {shown === undefined && !insight.error ? <LoadingSkeleton height={360} radius="lg" /> : null}
    </div>
  );
}

/** A query that the server refuses is to be changed; anything else may be tried again. */
function Failure({ error, fields, retry }: { error: Error; fields: Record<string, string[]>; retry: () => void }) {
  if (Object.keys(fields).length > 0) {
    return (
      <Panel title={t.insights.changeQuery}>
        <div className={classes.hint}>{labelledMessages(fields)}</div>
      </Panel>
    );
  }
  return <ErrorAlert title={t.insights.failed} error={error} retry={retry} />;
}

function intervalsOf({ kind, result }: Insight): { interval: Interval; starts: readonly string[] } | undefined {
  switch (kind) {
    case "trends":
    case "lifecycle":
      return { interval: result.interval, starts: result.series[0]?.dates ?? [] };
    case "retention":
      return { interval: result.interval, starts: result.cohorts.map(({ date }) => date) };
    default:
      return undefined;
  }
}
