import { Skeleton, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { Project } from "../../api/client";
import { ApiError } from "../../api/errors";
import { useInsight, type Insight } from "../../api/insights";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Panel } from "../../components/Panel";
import { t } from "../../texts";
import { labelledMessages } from "./fieldLabels";
import { validate, type InsightQuery } from "./insightQuery";
import classes from "./InsightsPage.module.css";
import { toBody } from "./queryBody";

// ECharts is most of the script; it is loaded with the first result.
const InsightResult = lazy(() => import("./results/InsightResult").then((module) => ({ default: module.InsightResult })));

/** The result of a query, also while the query is incomplete, while the result loads, and when the server refuses. */
export function ResultPanel({ project, query }: { project: Project; query: InsightQuery }) {
  const problem = validate(query);
  const insight = useInsight(project.id, query.kind, problem === null ? toBody(query, true) : null);
  if (problem !== null) {
    return (
      <Panel title={t.insights.kinds[query.kind].name}>
        <div className={classes.hint}>{problem}</div>
      </Panel>
    );
  }
  return (
    <div className={classes.result} data-outdated={insight.isPlaceholderData} aria-busy={insight.isFetching} aria-live="off">
      {insight.error ? (
        <ErrorAlert title={t.insights.failed} error={labelled(insight.error)} retry={() => void insight.refetch()} />
      ) : null}
      {insight.data && !insight.error ? (
        <Suspense fallback={<Skeleton height={360} radius="lg" />}>
          <InsightResult insight={insight.data} query={query} receivedAt={insight.dataUpdatedAt} />
          <ResultMeta insight={insight.data} />
        </Suspense>
      ) : null}
      {insight.isPending ? <Skeleton height={360} radius="lg" aria-label={t.common.loading} /> : null}
    </div>
  );
}

/** Name the fields of the form that the server rejected. */
function labelled(error: Error): Error {
  if (!(error instanceof ApiError) || Object.keys(error.fields).length === 0) return error;
  return new ApiError(error.status, labelledMessages(error.fields), {}, error.requestId, error.code);
}

function ResultMeta({ insight: { result } }: { insight: Insight }) {
  return (
    <Text size="xs" c="dimmed">
      {t.insights.source(t.insights.sources[result.source], result.took_ms, result.timezone)}
    </Text>
  );
}
