import type { Kind } from "../../api/insights";
import type { Interval } from "../../format/time";
import { fromFilter, NO_FILTERS, toFilter, type Filters } from "./filters";

export const METRICS = [
  { value: "count", label: "Events" },
  { value: "unique_persons", label: "Persons" },
  { value: "unique_sessions", label: "Sessions" },
  { value: "per_session", label: "Events per session" },
  { value: "sum", label: "Sum of" },
  { value: "average", label: "Average of" },
  { value: "median", label: "Median of" },
  { value: "p90", label: "90th percentile of" },
  { value: "min", label: "Least" },
  { value: "max", label: "Greatest" },
] as const;
export type Metric = (typeof METRICS)[number]["value"];

/** Metrics of a property's numbers. */
export function needsProperty(metric: Metric): boolean {
  return !["count", "unique_persons", "unique_sessions", "per_session"].includes(metric);
}

export const RANGES = [
  { value: "today", label: "Today" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
  { value: "30d", label: "Last 30 days" },
  { value: "90d", label: "Last 90 days" },
  { value: "12mo", label: "Last 12 months" },
] as const;

export const INTERVALS: readonly Interval[] = ["hour", "day", "week", "month"];
export const UNITS = ["minute", "hour", "day", "week"] as const;
export const ORDERS = [
  { value: "ordered", label: "In this order, others may come between" },
  { value: "strict", label: "Straight one after the other" },
  { value: "any", label: "In any order" },
] as const;

/** An event, and what of it is counted. */
export interface EventSelector {
  /** null: any. */
  event: string | null;
  metric: Metric;
  property: string | null;
  /** A filter and a name that the page does not show, kept as they are. */
  rest: Record<string, unknown>;
}

/** A question of any kind, as the page edits it; each kind has its own part of it. */
export interface InsightQuery {
  /** null: from one day to another. */
  period: string | null;
  from: string;
  to: string;
  /** null: the one that reads best. */
  interval: Interval | null;
  picks: EventSelector[];
  filters: Filters;
  breakdown: string;
  compare: boolean;
  order: string;
  /** How long the way through a funnel may take; null: the server's 14 days. */
  window: { value: number; unit: string } | null;
  isRecurring: boolean;
  isRolling: boolean;
  by: "event" | "page";
  start: string | null;
}

export type Body = Record<string, unknown>;

export function anyEvent(event: string | null = null): EventSelector {
  return { event, metric: "count", property: null, rest: {} };
}

/** What a kind asks before anybody chose anything. */
export function defaultQuery(kind: Kind): InsightQuery {
  const picks = { funnel: 0, paths: 0, retention: 2 }[kind as string] ?? 1;
  return {
    period: kind === "trends" || kind === "breakdown" || kind === "paths" ? "7d" : "30d",
    from: "",
    to: "",
    interval: null,
    picks: Array.from({ length: picks }, () => anyEvent()),
    filters: NO_FILTERS,
    breakdown: "",
    compare: false,
    order: "ordered",
    window: null,
    isRecurring: false,
    isRolling: false,
    by: "event",
    start: null,
  };
}

/** The same question as the server takes it; with `wholeOnly`, without what is not filled in yet. */
export function toBody(kind: Kind, question: InsightQuery, wholeOnly = false): Body {
  const filters = toFilter(question.filters, wholeOnly);
  return {
    ...(question.period === null ? { from: question.from, to: question.to } : { period: question.period }),
    ...(filters === undefined ? {} : { filters }),
    ...ownPart(kind, question),
  };
}

function ownPart(kind: Kind, question: InsightQuery): Body {
  const { picks, breakdown, interval, window, start } = question;
  const split = breakdown ? { breakdown: { property: breakdown } } : {};
  const every = interval ? { interval } : {};
  const [first = anyEvent(), second = anyEvent()] = picks;
  switch (kind) {
    case "trends":
      return { ...every, series: picks.map(series), ...split, ...(question.compare ? { compare: true } : {}) };
    case "funnel":
      return { steps: picks.map(plain), order: question.order, ...(window ? { window } : {}), ...split };
    case "retention":
      return {
        ...every,
        target: plain(first),
        returning: plain(second),
        kind: question.isRecurring ? "recurring" : "first_time",
        rule: question.isRolling ? "rolling" : "strict",
      };
    case "stickiness":
      return { ...every, series: picks.map(plain) };
    case "lifecycle":
      return { ...every, event: plain(first) };
    case "breakdown":
      return { event: plain(first), ...split };
    case "paths":
      return { by: question.by, ...(start ? { start } : {}) };
  }
}

function plain({ event, rest }: EventSelector): Body {
  return { ...rest, event };
}

function series(pick: EventSelector): Body {
  const { metric, property } = pick;
  return { ...plain(pick), ...(metric === "count" ? {} : { metric }), ...(needsProperty(metric) ? { property } : {}) };
}

/** Why a question cannot be asked yet; null: it can. */
export function validate(kind: Kind, question: InsightQuery): string | null {
  if (question.period === null && (!question.from || !question.to)) return "Choose the first and the last day.";
  if (kind === "funnel" && question.picks.length < 2) return "A funnel has at least two steps. Add them on the left.";
  if (kind === "breakdown" && !question.breakdown) return "Choose the property whose values you want to compare.";
  if (kind === "trends" && question.picks.some(({ metric, property }) => needsProperty(metric) && !property))
    return "Choose the property whose numbers you want to see.";
  return null;
}

/** The question that an address or a saved insight holds; what is not usable of it is as usual. */
export function fromBody(kind: Kind, body: Body): InsightQuery {
  const found = defaultQuery(kind);
  const { period, interval, window, breakdown } = body;
  const isDated = typeof body["from"] === "string" && typeof body["to"] === "string";
  const known = RANGES.find(({ value }) => value === period)?.value;
  return {
    ...found,
    period: known ?? (isDated ? null : found.period),
    from: isDated && !known ? String(body["from"]) : "",
    to: isDated && !known ? String(body["to"]) : "",
    interval: INTERVALS.find((one) => one === interval) ?? null,
    picks: picksOf(kind, body) ?? found.picks,
    filters: fromFilter(body["filters"]),
    breakdown: isObject(breakdown) && typeof breakdown["property"] === "string" ? breakdown["property"] : "",
    compare: body["compare"] === true,
    order: ORDERS.find(({ value }) => value === body["order"])?.value ?? "ordered",
    window:
      isObject(window) && typeof window["value"] === "number" && typeof window["unit"] === "string"
        ? { value: window["value"], unit: window["unit"] }
        : null,
    isRecurring: body["kind"] === "recurring",
    isRolling: body["rule"] === "rolling",
    by: body["by"] === "page" ? "page" : "event",
    start: typeof body["start"] === "string" ? body["start"] : null,
  };
}

function picksOf(kind: Kind, body: Body): EventSelector[] | null {
  if (kind === "retention") return [pickOf(body["target"]), pickOf(body["returning"])];
  if (kind === "lifecycle" || kind === "breakdown") return [pickOf(body["event"])];
  const list = body[kind === "funnel" ? "steps" : "series"];
  return Array.isArray(list) && (list.length > 0 || kind === "funnel") ? list.map(pickOf) : null;
}

function pickOf(raw: unknown): EventSelector {
  if (typeof raw === "string") return anyEvent(raw);
  if (!isObject(raw)) return anyEvent();
  const { event, metric, property, ...rest } = raw;
  return {
    event: typeof event === "string" ? event : null,
    metric: METRICS.find(({ value }) => value === metric)?.value ?? "count",
    property: typeof property === "string" ? property : null,
    rest,
  };
}

/** The same range, filters and events, for another kind of question. */
export function asKind(kind: Kind, question: InsightQuery): InsightQuery {
  const fresh = defaultQuery(kind);
  const events = question.picks.filter(({ event }) => event !== null).map(({ event, rest }) => ({ ...anyEvent(event), rest }));
  const most = { trends: 10, stickiness: 10, funnel: 20, retention: 2, lifecycle: 1, breakdown: 1, paths: 0 }[kind];
  const { period, from, to, filters, breakdown } = question;
  const picks = [...events.slice(0, most), ...fresh.picks.slice(Math.min(events.length, most))];
  return { ...fresh, period, from, to, filters, breakdown, picks };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
