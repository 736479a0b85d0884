import type { FigureQuestion, ReportBody } from "../../api/reports/figures";
import type { Goal } from "../../api/insights/goals";
import type { KeyMetric, KeyMetrics } from "../../api/reports/home";
import { highest, type TimePoint } from "../../charts/timeChartData";
import { dayName } from "../../format/time";
import { exactValue, type Unit } from "../../format/units";
import { eventsQuestion, goalQuestion, newUsersQuestion, sessionsQuestion, usersQuestion, viewsQuestion } from "../../features/figures/questions";
import { t } from "../../texts";
import { goalOf } from "./homeFigures";

/** Those that were chosen, or else those that a project has anything of. A project of a game has no page views. */
export function shownMetrics({ metrics }: KeyMetrics, areChosen: boolean): KeyMetric[] {
  return metrics.filter(
    ({ metric, value, previous, record }) => areChosen || metric !== "page_views" || value > 0 || (previous?.value ?? 0) > 0 || record !== null,
  );
}

/** The values of a metric with the starts of their intervals; null where the interval has not begun. */
export function pointsOf({ series }: KeyMetric, { dates, in_progress: open, to }: KeyMetrics, now: number): TimePoint[] {
  const begun = open !== null ? open + 1 : new Date(to).getTime() <= now ? dates.length : dates.filter((start) => new Date(start).getTime() <= now).length;
  return dates.map((start, index) => {
    const value = series[index] ?? 0;
    // What devices with wrong clocks sent of the future is shown nevertheless.
    return { start, value: index < begun || value > 0 ? value : null };
  });
}

/** The values of the previous period with the starts of their intervals. */
export function previousPoints({ previous }: KeyMetric, answer: KeyMetrics): TimePoint[] {
  return (answer.previous_dates ?? []).map((start, index) => ({ start, value: previous?.series[index] ?? null }));
}

/** What is said of a metric beside its value: its record, and what today is expected to reach. */
export function notesOf({ record, expected, days }: KeyMetric, { interval }: Pick<KeyMetrics, "interval">, unit: Unit): string[] {
  const exact = (value: number) => exactValue(value, unit);
  const today = days?.at(-1) ?? 0;
  const notes: string[] = [];
  if (record) notes.push(t.home.record(exact(record.value), dayName(`${record.date}T12:00:00Z`, "UTC")));
  if (record && today > record.value) notes.push(t.home.newRecord(exact(today)));
  else if (expected && interval === "day") {
    const share = record ? Math.round((expected.value / record.value) * 100) : null;
    notes.push(t.home.onCourse(exact(expected.value), share));
  }
  return notes;
}

/** The highest complete value of a chart, where no record of days applies. */
export function peakOf(metric: KeyMetric, { interval }: KeyMetrics, points: TimePoint[], openFrom: number | undefined) {
  if (interval !== "day" || !metric.record) return highest({ points, openFrom: openFrom ?? points.length });
  return { value: metric.record.value, start: `${metric.record.date}T12:00:00Z` };
}

/** The question for the users behind a metric of an answer; null: no insight has just these. */
export function questionOf(metric: string, { interval }: KeyMetrics, body: ReportBody, goals: readonly Goal[]): FigureQuestion | null {
  const goal = goalOf(metric, goals);
  if (goal) return goalQuestion(body, goal);
  switch (metric) {
    case "unique_users":
      return usersQuestion(body);
    case "new_users":
      return newUsersQuestion(body, interval);
    case "unique_sessions":
      return sessionsQuestion(body);
    case "page_views":
      return viewsQuestion(body);
    case "total_events":
      return eventsQuestion(body);
    default:
      return null;
  }
}
