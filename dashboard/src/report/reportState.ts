import type { Period } from "../api/requests/client";
import { INTERVALS } from "../constants.gen";
import type { Interval } from "../format/time";
import { t } from "../texts";
import { readCondition, writeCondition } from "./conditionText";
import { isComplete, toFilter, type Condition } from "./filters";
import { NO_SEGMENTS, readIds, type ChosenSegments } from "./segmentText";

/** What a period is compared with. */
export const COMPARISONS = ["none", "previous_period", "previous_year", "weekdays"] as const;
export type Compare = (typeof COMPARISONS)[number];

/** A period up to now, or from one day to another, both included (ISO dates in the project's time zone). */
export type ReportRange = { period: Period } | { from: string; to: string };

/** What every report of a project is of: the address holds it. */
export interface ReportState {
  range: ReportRange;
  compare: Compare;
  /** null: the one that reads best. */
  interval: Interval | null;
  filters: readonly Condition[];
  /** Whether all filters must match; else any of them. */
  matchAll: boolean;
  /** Segments that must match beside the filters. */
  segments: ChosenSegments;
}

export const DEFAULT_STATE: ReportState = {
  range: { period: "30d" },
  compare: "none",
  interval: null,
  filters: [],
  matchAll: true,
  segments: NO_SEGMENTS,
};

/** The parameters of the address that hold the state. */
export const REPORT_PARAMETERS = ["period", "from", "to", "compare", "interval", "f", "match", "segment", "segments"] as const;

/** Read the state of an address. `unknown`: the names of parameters whose values are not known and are not applied. */
export function readReport(parameters: URLSearchParams): { state: ReportState; unknown: string[] } {
  const unknown: string[] = [];
  const choice = <Value extends string>(name: string, values: readonly Value[]): Value | null => {
    const text = parameters.get(name);
    const value = values.find((one) => one === text);
    if (text !== null && value === undefined) unknown.push(name);
    return value ?? null;
  };
  const filters = parameters.getAll("f").map(readCondition);
  if (filters.includes(null)) unknown.push("f");
  const ids = parameters.has("segment") ? readIds(parameters.get("segment") ?? "") : [];
  if (ids === null) unknown.push("segment");
  const state = {
    range: readRange(parameters, choice("period", PERIODS), unknown),
    compare: choice("compare", COMPARISONS) ?? DEFAULT_STATE.compare,
    interval: choice("interval", INTERVALS),
    filters: filters.filter((one) => one !== null),
    matchAll: choice("match", ["all", "any"]) !== "any",
    segments: { ids: ids ?? [], every: choice("segments", ["all", "any"]) !== "any" },
  };
  return { state, unknown };
}

/** Write a state into the parameters of an address, beside whatever else they hold; defaults are left out. */
export function writeReport(before: URLSearchParams, { range, compare, interval, filters, matchAll, segments }: ReportState): URLSearchParams {
  const next = new URLSearchParams(before);
  for (const name of REPORT_PARAMETERS) next.delete(name);
  if ("period" in range) next.set("period", range.period);
  else {
    next.set("from", range.from);
    next.set("to", range.to);
  }
  if (compare !== "none") next.set("compare", compare);
  if (interval !== null) next.set("interval", interval);
  for (const filter of filters) next.append("f", writeCondition(filter));
  if (!matchAll) next.set("match", "any");
  if (segments.ids.length > 0) next.set("segment", segments.ids.join(","));
  if (segments.ids.length > 1 && !segments.every) next.set("segments", "any");
  return next;
}

/** The part of an address's parameters that holds the state of the report: it is kept from report to report. */
export function reportParameters(parameters: URLSearchParams): URLSearchParams {
  const names: readonly string[] = REPORT_PARAMETERS;
  return new URLSearchParams([...parameters].filter(([name]) => names.includes(name)));
}

/** The filter of a state as the API takes it; undefined if there is none. */
export function reportFilter({ filters, matchAll, segments }: Pick<ReportState, "filters" | "matchAll" | "segments">): unknown {
  return toFilter({ matchAll, conditions: filters.filter(isComplete), foreign: null, segments }, true);
}

/** The periods that reports offer, the shortest first. */
export const PERIODS = Object.keys(t.insights.periods) as Period[];

function readRange(parameters: URLSearchParams, period: Period | null, unknown: string[]): ReportRange {
  const [from, to] = [parameters.get("from"), parameters.get("to")];
  if (period !== null || (from === null && to === null)) return period === null ? DEFAULT_STATE.range : { period };
  if (isDay(from) && isDay(to) && from <= to) return { from, to };
  unknown.push("from", "to");
  return DEFAULT_STATE.range;
}

/** Whether a text is a day of the calendar: 2026-03-29. */
export function isDay(text: string | null): text is string {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
