import type { FigureQuestion, ReportBody } from "../../api/reports/figures";
import type { Goal } from "../../api/insights/goals";
import { PAGE_EVENTS } from "../../constants.gen";
import type { Interval } from "../../format/time";
import { t } from "../../texts";

/** Everybody with an event. */
export function usersQuestion(body: ReportBody): FigureQuestion {
  return trends(body, { event: null, metric: "unique_persons" });
}

/** Everybody with a session. */
export function sessionsQuestion(body: ReportBody): FigureQuestion {
  return trends(body, { event: null, metric: "unique_sessions" });
}

/** Everybody who viewed a page. */
export function viewsQuestion(body: ReportBody): FigureQuestion {
  const filters = { property: "event_name", operator: "is", value: PAGE_EVENTS };
  return trends(body, { event: null, filters, label: t.metrics.page_views.name });
}

/** Everybody whose events are counted. */
export function eventsQuestion(body: ReportBody): FigureQuestion {
  return trends(body, { event: null });
}

/** Everybody who reached a goal. */
export function goalQuestion(body: ReportBody, { selector, name }: Goal): FigureQuestion {
  return trends(body, { ...(selector as object), label: name, metric: "unique_persons" });
}

/** Everybody who came for the first time; null: with filters, no insight has just these. */
export function newUsersQuestion(body: ReportBody, interval: Interval): FigureQuestion | null {
  if (body.filters !== undefined) return null;
  return { kind: "lifecycle", query: { ...body, interval }, point: { state: "new" } };
}

/** The same of one interval of the range. */
export function inInterval(question: FigureQuestion | null, date: string, interval: Interval): FigureQuestion | null {
  if (question?.kind !== "trends" && question?.kind !== "lifecycle") return null;
  return { ...question, query: { ...question.query, interval }, point: { ...question.point, date } };
}

function trends(body: ReportBody, series: object): FigureQuestion {
  return { kind: "trends", query: { ...body, series: [series] } };
}
