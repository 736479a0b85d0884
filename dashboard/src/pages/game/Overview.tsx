import { Skeleton, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { reportBody, type ReportBody } from "../../api/reports/figures";
import type { KeyMetric, KeyMetrics } from "../../api/reports/home";
import type { GameResult } from "../../api/insights/insights";
import { TimeChart } from "../../charts/TimeChart";
import { AnswerNotes } from "../../components/figures/AnswerNotes";
import { ChartPanel } from "../../components/figures/ChartPanel";
import { DataTable } from "../../components/tables/DataTable";
import { Door } from "../../components/figures/Door";
import { Kpi, KpiStrip } from "../../components/figures/Kpi";
import { ReportContent } from "../../components/figures/ReportContent";
import { inInterval, newUsersQuestion, sessionsQuestion, usersQuestion } from "../../features/figures/questions";
import { exactNumber } from "../../format/numbers";
import { dayName, daysOf, rangeName } from "../../format/time";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { previousPoints } from "../home/figures";
import { Figure, roundUsers, valueBefore, type Before } from "./Figure";
import { GameReport } from "./GameReport";
import { RevenueKpis } from "./RevenueKpis";
import { timePoints } from "./timePoints";
import { useBefore, useDailyMetrics } from "./useBefore";

/** A game's main figures, and its users by day. */
export function Overview({ project }: { project: Project }) {
  const { body, compare } = useReport();
  const daily = { ...body, interval: "day" };
  const metrics = useDailyMetrics(project);
  const gameBefore = useBefore(project, "game", body, metrics);
  const revenueBefore = useBefore(project, "revenue", daily, metrics);
  return (
    <>
      <ReportContent result={metrics} zone={project.timezone} failedTitle={t.game.notLoaded} skeleton={<Skeleton height={420} radius="lg" />}>
        {({ asked, answer }) => <Activity answer={answer} body={reportBody(asked)} withPrevious={compare !== "none"} />}
      </ReportContent>
      <GameReport project={project} kind="game" body={body} isBelowDates>
        {({ result, body: asked }) => <Daily result={result} body={asked} before={gameBefore} />}
      </GameReport>
      <GameReport project={project} kind="revenue" body={daily} isBelowDates>
        {({ result, body: asked }) => <RevenueKpis result={result} body={asked} before={revenueBefore} />}
      </GameReport>
    </>
  );
}

interface ActivityProps {
  answer: KeyMetrics;
  body: ReportBody;
  /** Whether the chart has a line for the previous period. */
  withPrevious: boolean;
}

function Activity({ answer, body, withPrevious }: ActivityProps) {
  const { previous_from: from, previous_to: to } = answer;
  const of = (name: KeyMetric["metric"]) => {
    const figure = answer.metrics.find(({ metric }) => metric === name);
    const previous = from && to && figure?.previous ? { value: figure.previous.value, name: daysOf(from, to, answer.timezone) } : undefined;
    return { value: figure?.value ?? null, previous };
  };
  const users = answer.metrics.find(({ metric }) => metric === "unique_users");
  const lines = answer.dates.map((date, index) => ({ date, value: users?.series[index] ?? 0 }));
  return (
    <Stack gap="var(--tm-gap)">
      <Text size="sm" c="dimmed">
        {rangeName(answer.from, answer.to, answer.timezone)}
      </Text>
      <AnswerNotes answers={[answer]} intervals={{ interval: answer.interval, starts: answer.dates }} />
      <KpiStrip label={t.game.activity}>
        <Figure figure="users" {...of("unique_users")} question={usersQuestion(body)} />
        <Figure figure="newUsers" {...of("new_users")} question={newUsersQuestion(body, answer.interval)} />
        <Figure figure="sessions" {...of("unique_sessions")} question={sessionsQuestion(body)} />
      </KpiStrip>
      <ChartPanel
        title={t.game.usersByDay}
        chart={
          <TimeChart
            label={t.game.usersByDay}
            name={t.game.figures.users.name}
            unit="count"
            interval={answer.interval}
            timezone={answer.timezone}
            height={250}
            {...timePoints(lines, answer)}
            previous={withPrevious && users ? previousPoints(users, answer) : undefined}
          />
        }
        table={() => (
          <DataTable
            caption={t.game.usersByDay}
            columns={[t.insights.start, t.game.figures.users.name]}
            rows={lines.map(({ date, value: count }) => ({
              key: date,
              cells: [
                dayName(date, answer.timezone),
                <Door key="users" figure={t.game.figureOf(t.game.figures.users.name, dayName(date, answer.timezone))} question={count > 0 ? inInterval(usersQuestion(body), date, answer.interval) : null}>
                  {exactNumber(count)}
                </Door>,
              ],
            }))}
          />
        )}
      />
    </Stack>
  );
}

interface DailyProps {
  result: GameResult;
  body: ReportBody;
  before: Before<GameResult> | undefined;
}

function Daily({ result, body, before }: DailyProps) {
  return (
    <KpiStrip label={t.game.daily}>
      <Figure figure="dailyActive" value={roundUsers(result.daily_active_average)} previous={valueBefore(before, (one) => roundUsers(one.daily_active_average))} question={usersQuestion(body)} />
      {result.retention.map(({ day, rate }) => {
        const { name, explanation } = t.game.retentionAfter(day);
        return <Kpi key={day} label={name} explanation={explanation} unit="share" value={rate} previous={valueBefore(before, ({ retention }) => retention.find((one) => one.day === day)?.rate ?? null)} />;
      })}
      <Figure figure="perDailyActive" value={result.sessions_per_daily_active} previous={valueBefore(before, (one) => one.sessions_per_daily_active)} question={sessionsQuestion(body)} />
      <Figure figure="medianSession" value={result.median_session_seconds} previous={valueBefore(before, (one) => one.median_session_seconds)} unit="seconds" question={sessionsQuestion(body)} />
    </KpiStrip>
  );
}
