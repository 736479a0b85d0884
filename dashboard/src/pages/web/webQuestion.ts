import type { FigurePoint, FigureQuestion, ReportBody } from "../../api/reports/figures";
import type { WebDimension, WebMetric, WebValues } from "../../api/reports/web";
import { PAGE_EVENTS } from "../../constants.gen";
import { sessionsQuestion, usersQuestion, viewsQuestion } from "../../features/figures/questions";

/** Whose visits a metric is of. */
const POINTS: Record<WebMetric, FigurePoint<"web">> = {
  visitors: { metric: "visitors" },
  visits: { metric: "visits" },
  page_views: { metric: "page_views" },
  views_per_visit: { metric: "visits" },
  bounce_rate: { metric: "bounces" },
  visit_seconds: { metric: "visits" },
};

/** The question for the visitors behind a figure of the report. Without filters an insight has the same figure. */
export function metricQuestion(metric: WebMetric, body: ReportBody): FigureQuestion {
  if (body.filters === undefined) {
    if (metric === "visitors") return usersQuestion(body);
    if (metric === "visits") return sessionsQuestion(body);
    if (metric === "page_views") return viewsQuestion(body);
  }
  return { kind: "web", query: body, point: POINTS[metric] };
}

/** The question for the visitors of a row of a list; of what events have, an insight has the same figure. */
export function rowQuestion(dimension: WebDimension, { property, scope, items }: WebValues, value: string | null, body: ReportBody): FigureQuestion {
  const isOfEvents = scope !== null && items.every(({ visits }) => visits === null);
  if (!isOfEvents || body.filters !== undefined) return { kind: "web", query: body, point: { dimension, value } };
  const test = value === null ? { operator: "is_not_set" } : { operator: "is", value: [value] };
  const isView = dimension === "page" ? [{ property: "event_name", operator: "is", value: PAGE_EVENTS }] : [];
  const filters = { and: [{ property, ...test }, ...isView] };
  return { kind: "trends", query: { ...body, series: [{ event: null, metric: "unique_persons" }], filters } };
}
