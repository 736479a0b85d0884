import { Skeleton, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { Project } from "../../api/client";
import { ApiError } from "../../api/errors";
import { useInsight, type Answers, type Kind } from "../../api/insights";
import { Panel } from "../../components/Panel";
import { ErrorAlert } from "../../components/ErrorAlert";
import classes from "./InsightsPage.module.css";
import { KIND_LABELS } from "./kinds";
import { labelledMessages } from "./fieldLabels";
import { validate, toBody, type InsightQuery } from "./insightQuery";

// ECharts is most of the script; it is fetched with the first answer.
const Answer = lazy(() => import("./results/InsightResult").then((module) => ({ default: module.Answer })));

interface ResultPanelProps {
  project: Project;
  kind: Kind;
  question: InsightQuery;
}

/** What comes of a question: while it is not whole, while it is asked, when it is refused, and the answer. */
export function ResultPanel({ project, kind, question }: ResultPanelProps) {
  const lacks = validate(kind, question);
  const answer = useInsight(project.id, kind, lacks === null ? toBody(kind, question, true) : null);
  const title = KIND_LABELS[kind].name;
  if (lacks !== null) {
    return (
      <Panel title={title}>
        <div className={classes.hint}>{lacks}</div>
      </Panel>
    );
  }
  return (
    <div className={classes.answer} data-old={answer.isPlaceholderData} aria-busy={answer.isFetching} aria-live="off">
      {answer.error ? (
        <ErrorAlert title="This could not be answered" error={named(answer.error)} retry={() => void answer.refetch()} />
      ) : null}
      {answer.data && !answer.error ? (
        <Suspense fallback={<Skeleton height={360} radius="lg" />}>
          <Answer kind={kind} answer={answer.data} at={answer.dataUpdatedAt} question={question} />
          <Frame answer={answer.data} />
        </Suspense>
      ) : null}
      {answer.isPending ? <Skeleton height={360} radius="lg" aria-label="Loading" /> : null}
    </div>
  );
}

/** With the part of the question that is at fault. */
function named(error: Error): Error {
  if (!(error instanceof ApiError) || Object.keys(error.fields).length === 0) return error;
  return new ApiError(error.status, labelledMessages(error.fields), {}, error.requestId);
}

const SOURCES: Record<string, string> = {
  rollup: "from counts kept while events came in",
  sealed: "from sealed days",
  raw: "from the events themselves",
  mixed: "from sealed days and the events of the others",
};

function Frame({ answer }: { answer: Answers[Kind] }) {
  return (
    <Text size="xs" c="dimmed">
      Counted {SOURCES[answer.source] ?? answer.source}; times in {answer.timezone}.
    </Text>
  );
}
