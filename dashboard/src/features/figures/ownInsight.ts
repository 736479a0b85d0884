import { hasInsightPage, type FigureQuestion } from "../../api/figures";
import type { InsightKind } from "../../api/insights";
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
export function ownInsight({ kind, query, point = {} }: FigureQuestion): OwnInsight | null {
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
