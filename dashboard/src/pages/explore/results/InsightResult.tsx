import type { Insight } from "../../../api/insights";
import type { InsightQuery } from "../query/insightQuery";
import { Breakdown } from "./Breakdown";
import { Funnel } from "./Funnel";
import { Lifecycle } from "./Lifecycle";
import { Paths } from "./Paths";
import { Retention } from "./Retention";
import { Stickiness } from "./Stickiness";
import { Trends } from "./Trends";

interface InsightResultProps {
  insight: Insight;
  query: InsightQuery;
  /** When the result was received, in milliseconds since 1970. */
  receivedAt: number;
}

/** The result of an insight, as a chart and as a table. */
export function InsightResult({ insight: { kind, result }, query, receivedAt }: InsightResultProps) {
  switch (kind) {
    case "trends":
      return <Trends result={result} receivedAt={receivedAt} />;
    case "funnel":
      return <Funnel result={result} />;
    case "retention":
      return <Retention result={result} receivedAt={receivedAt} isRolling={query.kind === kind && query.isRolling} />;
    case "stickiness":
      return <Stickiness result={result} />;
    case "lifecycle":
      return <Lifecycle result={result} receivedAt={receivedAt} />;
    case "breakdown":
      return <Breakdown result={result} />;
    case "paths":
      return <Paths result={result} />;
  }
}
