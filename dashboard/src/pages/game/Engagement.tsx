import { Stack } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import type { FigureQuestion } from "../../api/reports/figures";
import type { SessionsResult } from "../../api/insights/insights";
import { TimeChart } from "../../charts/TimeChart";
import { ChartPanel } from "../../components/figures/ChartPanel";
import { DataTable } from "../../components/tables/DataTable";
import { Door } from "../../components/figures/Door";
import { KpiStrip } from "../../components/figures/Kpi";
import { duration } from "../../format/duration";
import { exactNumber } from "../../format/numbers";
import { dayName } from "../../format/time";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { parseBody } from "../explore/query/queryBody";
import { Retention } from "../explore/results/Retention";
import { Figure, valueBefore, type Before } from "./Figure";
import { GameReport } from "./GameReport";
import { timePoints } from "./timePoints";
import { useBefore, usePeriodBefore } from "./useBefore";

/** Whether players come back, and how long they stay. */
export function Engagement({ project }: { project: Project }) {
  const { body } = useReport();
  const daily = { ...body, interval: "day" };
  const before = useBefore(project, "sessions", daily, usePeriodBefore(project));
  return (
    <>
      <GameReport project={project} kind="retention" body={daily}>
        {({ result, body: asked }, receivedAt) => {
          const query = parseBody("retention", asked);
          return query.kind === "retention" ? (
            <Stack gap="var(--tm-gap)">
              <Retention result={result} query={query} body={asked} receivedAt={receivedAt} />
            </Stack>
          ) : null;
        }}
      </GameReport>
      <GameReport project={project} kind="sessions" body={daily} isBelowDates>
        {({ result, body: asked }) => <Sessions result={result} body={asked} before={before} />}
      </GameReport>
    </>
  );
}

interface SessionFiguresProps {
  result: SessionsResult;
  body: Record<string, unknown>;
  before: Before<SessionsResult> | undefined;
}

function Sessions({ result, body, before }: SessionFiguresProps) {
  const question: FigureQuestion = { kind: "sessions", query: body };
  const { series, timezone } = result;
  const lines = series.map(({ date, sessions }) => ({ date, value: sessions }));
  const seconds = (value: number | null) => (value === null ? t.common.none : duration(value));
  return (
    <Stack gap="var(--tm-gap)">
      <KpiStrip label={t.game.sessionFigures}>
        <Figure figure="sessions" value={result.sessions} previous={valueBefore(before, ({ sessions }) => sessions)} question={question} />
        <Figure figure="medianSession" value={result.median_seconds} previous={valueBefore(before, (one) => one.median_seconds)} unit="seconds" question={question} />
        <Figure figure="averageSession" value={result.average_seconds} previous={valueBefore(before, (one) => one.average_seconds)} unit="seconds" question={question} />
      </KpiStrip>
      <ChartPanel
        title={t.game.sessionsByDay}
        chart={
          <TimeChart
            label={t.game.sessionsByDay}
            name={t.game.figures.sessions.name}
            unit="count"
            interval={result.interval}
            timezone={timezone}
            height={220}
            {...timePoints(lines, result)}
          />
        }
        table={() => (
          <DataTable
            caption={t.game.sessionsByDay}
            columns={[t.insights.start, t.game.figures.sessions.name, t.game.figures.medianSession.name, t.game.figures.averageSession.name]}
            rows={series.map(({ date, sessions, median_seconds: median, average_seconds: average }) => ({
              key: date,
              cells: [
                dayName(date, timezone),
                <Door key="sessions" figure={t.game.figureOf(t.game.figures.sessions.name, dayName(date, timezone))} question={sessions > 0 ? { kind: "sessions", query: body, point: { date } } : null}>
                  {exactNumber(sessions)}
                </Door>,
                seconds(median),
                seconds(average),
              ],
            }))}
          />
        )}
      />
    </Stack>
  );
}
