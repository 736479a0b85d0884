import { Skeleton, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { reportBody, type ReportBody } from "../../api/reports/figures";
import { useKeyMetrics, type KeyMetric, type KeyMetrics } from "../../api/reports/home";
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
import { dayName, rangeName } from "../../format/time";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { Figure } from "./Figure";
import { GameReport } from "./GameReport";
import { RevenueKpis } from "./RevenueKpis";
import { timePoints } from "./timePoints";

/** A game's main figures, and its users by day. */
export function Overview({ project }: { project: Project }) {
  const { body, query } = useReport();
  const metrics = useKeyMetrics(project.id, { ...query, interval: "day" });
  return (
    <>
      <ReportContent result={metrics} zone={project.timezone} failedTitle={t.game.notLoaded} skeleton={<Skeleton height={420} radius="lg" />}>
        {({ asked, answer }) => <Activity answer={answer} body={reportBody(asked)} />}
      </ReportContent>
      <GameReport project={project} kind="game" body={body} isBelowDates>
        {({ result, body: asked }) => <Daily result={result} body={asked} />}
      </GameReport>
      <GameReport project={project} kind="revenue" body={{ ...body, interval: "day" }} isBelowDates>
        {({ result, body: asked }) => <RevenueKpis result={result} body={asked} />}
      </GameReport>
    </>
  );
}

function Activity({ answer, body }: { answer: KeyMetrics; body: ReportBody }) {
  const value = (name: KeyMetric["metric"]) => answer.metrics.find(({ metric }) => metric === name)?.value ?? null;
  const users = answer.metrics.find(({ metric }) => metric === "unique_users")?.series ?? [];
  const lines = answer.dates.map((date, index) => ({ date, value: users[index] ?? 0 }));
  return (
    <Stack gap="var(--tm-gap)">
      <Text size="sm" c="dimmed">
        {rangeName(answer.from, answer.to, answer.timezone)}
      </Text>
      <AnswerNotes answers={[answer]} intervals={{ interval: answer.interval, starts: answer.dates }} />
      <KpiStrip label={t.game.activity}>
        <Figure figure="users" value={value("unique_users")} question={usersQuestion(body)} />
        <Figure figure="newUsers" value={value("new_users")} question={newUsersQuestion(body, answer.interval)} />
        <Figure figure="sessions" value={value("unique_sessions")} question={sessionsQuestion(body)} />
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

function Daily({ result, body }: { result: GameResult; body: ReportBody }) {
  return (
    <KpiStrip label={t.game.daily}>
      <Figure figure="dailyActive" value={result.daily_active_average} question={usersQuestion(body)} />
      {result.retention.map(({ day, rate }) => {
        const { name, explanation } = t.game.retentionAfter(day);
        return <Kpi key={day} label={name} explanation={explanation} unit="share" value={rate} />;
      })}
      <Figure figure="perDailyActive" value={result.sessions_per_daily_active} question={sessionsQuestion(body)} />
      <Figure figure="medianSession" value={result.median_session_seconds} unit="seconds" question={sessionsQuestion(body)} />
    </KpiStrip>
  );
}
