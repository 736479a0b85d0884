import type { FilterScope, Operator } from "../api/insights/insights";
import { FILTER_SCOPES, VALUE_COUNTS } from "../constants.gen";
import { isObject } from "./json";
import { NO_SEGMENTS, parseSegments, segmentConditions, type ChosenSegments } from "./segmentText";

/** A comparison of one property, as the form shows it. */
export interface Condition {
  property: string;
  operator: Operator;
  /** As typed; how many there may be depends on the operator. */
  values: string[];
  /** What the property is of: an event, a person, a session or a cohort. */
  scope: FilterScope;
}

/** The conditions that the form shows, and (`foreign`) a filter of another shape, which is kept as it is and applies too. */
export interface Filters {
  matchAll: boolean;
  conditions: Condition[];
  foreign: unknown;
  /** Segments that must match too. */
  segments: ChosenSegments;
}

export const NO_FILTERS: Filters = { matchAll: true, conditions: [], foreign: null, segments: NO_SEGMENTS };
export const NEW_CONDITION: Condition = { property: "", operator: "is", values: [], scope: "event" };

/** How many values an operator takes. */
export function valueCount(operator: Operator): { min: number; max: number } {
  return VALUE_COUNTS[operator];
}

export function isOperator(value: unknown): value is Operator {
  return typeof value === "string" && Object.hasOwn(VALUE_COUNTS, value);
}

export function isScope(value: unknown): value is FilterScope {
  return FILTER_SCOPES.some((scope) => scope === value);
}

/** Whether a condition is filled in, so that the server can apply it. */
export function isComplete({ property, operator, values }: Condition): boolean {
  const { min } = valueCount(operator);
  return property !== "" && values.length >= min && !values.slice(0, min).includes("");
}

/** Filters without conditions that are not filled in. */
export function completeFilters(filters: Filters): Filters {
  return { ...filters, conditions: filters.conditions.filter(isComplete) };
}

/** Write filters in the server's language; undefined if there are none. `completeOnly`: without unfinished ones. */
export function toFilter({ matchAll, conditions, foreign, segments }: Filters, completeOnly: boolean): unknown {
  const written = (completeOnly ? conditions.filter(isComplete) : conditions).map(
    ({ property, operator, values, scope }) => ({
      property,
      operator,
      ...(scope === "event" ? {} : { scope }),
      // The ids of cohorts are numbers to the server; every other value may be a text.
      ...(valueCount(operator).max === 0 ? {} : { value: scope === "cohort" ? values.map(Number) : values }),
    }),
  );
  const own = written.length === 0 ? [] : [{ [matchAll ? "and" : "or"]: written }];
  const parts = [...segmentConditions(segments), ...(foreign === null ? [] : [foreign]), ...own];
  return parts.length === 1 && segments.ids.length === 0 ? parts[0] : parts.length === 0 ? undefined : { and: parts };
}

/** Read a filter of the server's language. */
export function parseFilter(raw: unknown): Filters {
  if (raw === null || raw === undefined) return NO_FILTERS;
  if (typeof raw !== "object") return { ...NO_FILTERS, foreign: raw };
  const { matchAll, parts } = groupOf(raw);
  const named = parts.filter(isSegmentCondition);
  const segments = matchAll && named.length > 0 ? parseSegments(named) : null;
  if (segments !== null) {
    const others = parts.filter((part) => !isSegmentCondition(part));
    return { ...parseFilter(others.length === 1 ? others[0] : others), segments };
  }
  const conditions = parts.map(parseCondition);
  if (conditions.some((one) => one === null)) return { ...NO_FILTERS, foreign: raw };
  return { matchAll, conditions: conditions.filter((one) => one !== null), foreign: null, segments: NO_SEGMENTS };
}

function isSegmentCondition(part: unknown): part is object {
  return isObject(part) && part["scope"] === "segment" && part["operator"] === "is";
}

function groupOf(raw: object): { matchAll: boolean; parts: unknown[] } {
  if (Array.isArray(raw)) return { matchAll: true, parts: raw };
  if ("and" in raw && Array.isArray(raw.and)) return { matchAll: true, parts: raw.and };
  if ("or" in raw && Array.isArray(raw.or)) return { matchAll: false, parts: raw.or };
  return { matchAll: true, parts: Object.keys(raw).length === 0 ? [] : [raw] };
}

function parseCondition(raw: unknown): Condition | null {
  if (!isObject(raw) || "and" in raw || "or" in raw) return null;
  const { property, operator = "is", value, scope = "event" } = raw;
  if (typeof property !== "string" || !isOperator(operator) || !isScope(scope)) return null;
  const values: unknown[] = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  // Numbers and booleans compare like their texts; the server accepts no other values.
  if (values.some((one) => !["string", "number", "boolean"].includes(typeof one))) return null;
  return { property, operator, values: values.map(String), scope };
}
