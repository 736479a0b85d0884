import { useMemo } from "react";
import type { Insight } from "../../../api/insights/insights";
import type { InsightQuery } from "../query/insightQuery";
import { parseBody } from "../query/queryBody";
import { Funnel } from "./Funnel";
import { Lifecycle } from "./Lifecycle";
import { Paths } from "./Paths";
import { Retention } from "./Retention";
import { Stickiness } from "./Stickiness";
import { Trends } from "./Trends";

interface InsightResultProps {
  projectId: number;
  insight: Insight;
  /** When the result was received, in milliseconds since 1970. */
  receivedAt: number;
  change: (query: InsightQuery) => void;
}

/** The result of an insight, as a chart and as a table. */
export function InsightResult({ projectId, insight: { kind, result, body }, receivedAt, change }: InsightResultProps) {
  // The query that the result answers, which is not that of the builder while the next result is on its way.
  const query = useMemo(() => parseBody(kind, body), [kind, body]);
  switch (kind) {
    case "trends":
      return query.kind === kind ? <Trends result={result} query={query} body={body} receivedAt={receivedAt} /> : null;
    case "funnel":
      return query.kind === kind ? (
        <Funnel projectId={projectId} result={result} query={query} body={body} receivedAt={receivedAt} />
      ) : null;
    case "retention":
      return query.kind === kind ? <Retention result={result} query={query} body={body} receivedAt={receivedAt} /> : null;
    case "stickiness":
      return query.kind === kind ? <Stickiness result={result} query={query} body={body} /> : null;
    case "lifecycle":
      return query.kind === kind ? <Lifecycle result={result} query={query} body={body} receivedAt={receivedAt} /> : null;
    case "paths":
      return query.kind === kind ? <Paths result={result} query={query} body={body} change={change} /> : null;
  }
}
