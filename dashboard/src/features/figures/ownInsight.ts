import { hasInsightPage, type FigurePoint, type FigureQuestion } from "../../api/reports/figures";
import type { InsightKind } from "../../api/insights/insights";
import { PAGE_EVENTS } from "../../constants.gen";
import { isObject } from "../../report/json";

/** A query of an insight that has a page. */
export interface OwnInsight {
  kind: InsightKind;
  query: Record<string, unknown>;
  /** Whether the query may be broken down by a property. */
  canBreakDown: boolean;
}

/**
 * The insight of a figure alone: of trends its series, and its row of a breakdown as a filter.
 *
 * null: insights of this kind have no page.
 */
export function ownInsight(question: FigureQuestion): OwnInsight | null {
  const { kind, query, point = {} } = question.kind === "live" ? eventsOfLiveRow(question) : question;
  if (!hasInsightPage(kind)) return null;
  const { series, breakdown, filters, ...rest } = query as Record<string, unknown>;
  if (kind !== "trends" || !Array.isArray(series)) return { kind, query: { ...query }, canBreakDown: false };
  const { series_index: index = 0, ...row } = point as Record<string, unknown>;
  const property = isObject(breakdown) ? breakdown["property"] : undefined;
  const test = typeof property === "string" ? rowFilter(property, row) : null;
  const both = [filters, test].filter((one) => one !== undefined && one !== null);
  const keepsBreakdown = breakdown !== undefined && test === null;
  return {
    kind,
    query: {
      ...rest,
      series: [series[Number(index)] ?? series[0]],
      ...(both.length === 0 ? {} : { filters: both.length === 1 ? both[0] : { and: both } }),
      ...(keepsBreakdown ? { breakdown } : {}),
    },
    canBreakDown: !keepsBreakdown,
  };
}

/** The filter that only the events of a row of a breakdown pass; null: no filter says "all others". */
function rowFilter(property: string, { value, is_missing: isMissing }: Record<string, unknown>): object | null {
  if (typeof value === "string") return { property, operator: "is", value: [value] };
  return isMissing === true ? { property, operator: "is_not_set" } : null;
}

const LIVE_PROPERTIES: Record<string, string> = { pages: "page_path", sources: "referrer_domain", countries: "country" };

/** What Explore can show of a row of Live: everybody with an event of the value, not only those whose last it was. */
function eventsOfLiveRow({ query, point }: { query: object; point?: FigurePoint<"live"> }): FigureQuestion {
  const { list = "pages", value = null } = point ?? {};
  const test = rowFilter(LIVE_PROPERTIES[list] ?? list, { value, is_missing: value === null });
  const isView = list === "pages" ? [{ property: "event_name", operator: "is", value: PAGE_EVENTS }] : [];
  const { filters, ...range } = query as Record<string, unknown>;
  const all = [filters, test, ...isView].filter((one) => one !== undefined && one !== null);
  return { kind: "trends", query: { ...range, series: [{ event: null, metric: "unique_persons" }], filters: { and: all } } };
}
