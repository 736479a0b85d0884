import type {
  Answers,
  BreakdownAnswer,
  FunnelAnswer,
  Kind,
  LifecycleAnswer,
  PathsAnswer,
  RetentionAnswer,
  StickinessAnswer,
  TrendsAnswer,
} from "../../../api/insights";
import type { InsightQuery } from "../insightQuery";
import { Breakdown } from "./Breakdown";
import { Funnel } from "./Funnel";
import { Lifecycle } from "./Lifecycle";
import { Paths } from "./Paths";
import { Retention } from "./Retention";
import { Stickiness } from "./Stickiness";
import { Trends } from "./Trends";

interface AnswerProps {
  kind: Kind;
  answer: Answers[Kind];
  /** When it came, in milliseconds since 1970. */
  at: number;
  question: InsightQuery;
}

/** An answer, drawn and as a table. */
export function Answer({ kind, answer, at, question }: AnswerProps) {
  switch (kind) {
    case "trends":
      return <Trends answer={answer as TrendsAnswer} at={at} />;
    case "funnel":
      return <Funnel answer={answer as FunnelAnswer} />;
    case "retention":
      return <Retention answer={answer as RetentionAnswer} at={at} isRolling={question.isRolling} />;
    case "stickiness":
      return <Stickiness answer={answer as StickinessAnswer} />;
    case "lifecycle":
      return <Lifecycle answer={answer as LifecycleAnswer} at={at} />;
    case "breakdown":
      return <Breakdown answer={answer as BreakdownAnswer} />;
    case "paths":
      return <Paths answer={answer as PathsAnswer} />;
  }
}
