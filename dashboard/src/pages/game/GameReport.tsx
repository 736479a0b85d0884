import { Skeleton, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Project } from "../../api/requests/client";
import { insightAddress, useInsight, type Answer, type AskedKind } from "../../api/insights/insights";
import { AnswerNotes } from "../../components/figures/AnswerNotes";
import { ProofLine } from "../../components/figures/ProofLine";
import { ReportContent } from "../../components/figures/ReportContent";
import { rangeName } from "../../format/time";
import { t } from "../../texts";
import classes from "./Game.module.css";

interface GameReportProps<Kind extends AskedKind> {
  project: Project;
  kind: Kind;
  body: Record<string, unknown>;
  /** Whether the page says its dates further up; they stand here too while they are others. */
  isBelowDates?: boolean;
  children: (answer: Answer<Kind>, receivedAt: number) => ReactNode;
}

/** What one answer says, below the dates that it is of, above how it was counted. */
export function GameReport<Kind extends AskedKind>({ project, kind, body, isBelowDates = false, children }: GameReportProps<Kind>) {
  const insight = useInsight(project.id, kind, body);
  return (
    <ReportContent result={insight} zone={project.timezone} failedTitle={t.game.notLoaded} skeleton={<Skeleton height={220} radius="lg" />}>
      {(answer) => {
        const { result } = answer;
        return (
          <Stack gap={10}>
            <Text size="sm" c="dimmed" className={isBelowDates ? classes.otherDates : undefined}>
              {rangeName(result.from, result.to, result.timezone)}
            </Text>
            <AnswerNotes answers={[result]} />
            {children(answer, insight.dataUpdatedAt)}
            <ProofLine {...result} query={{ path: insightAddress(project.id, kind), body: answer.body }} />
          </Stack>
        );
      }}
    </ReportContent>
  );
}
