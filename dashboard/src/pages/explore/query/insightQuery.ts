import {
  INSIGHT_KINDS,
  type FunnelOrder,
  type FunnelWindowUnit,
  type InsightKind,
  type InsightPeriod,
  type Metric,
  type PathsBy,
} from "../../../api/insights/insights";
import { MAX_FUNNEL_STEPS, MAX_SERIES, MIN_FUNNEL_STEPS, PROPERTY_METRICS } from "../../../constants.gen";
import type { Interval } from "../../../format/time";
import { t } from "../../../texts";
import { NO_FILTERS, type Filters } from "../../../report/filters";
import type { Compare } from "../../../report/reportState";

/** An event, or any event, that a query counts. */
export interface EventSelector {
  /** null: any event; "": none is chosen yet. */
  event: string | null;
  /** Which of these events; those of the query apply too. */
  filters: Filters;
  /** A label that the form does not show, and that is kept. */
  rest: Record<string, unknown>;
}

/** An event, and what of it is counted. */
export interface MetricSelector extends EventSelector {
  metric: Metric;
  property: string | null;
}

/** What every kind of query has. */
interface CommonQuery {
  /** null: from one day to another. */
  period: InsightPeriod | null;
  /** Days, or "" while there is a period. */
  from: string;
  to: string;
  filters: Filters;
}

interface IntervalQuery extends CommonQuery {
  /** null: the server chooses. */
  interval: Interval | null;
}

export interface TrendsQuery extends IntervalQuery {
  kind: "trends";
  series: MetricSelector[];
  /** A property, or "". */
  breakdown: string;
  /** How many values of the property have a line of their own; null: the server's default of 10. */
  breakdownLimit: number | null;
  /** Arithmetic over the series, such as "A / B"; "": none. */
  formula: string;
  compare: Compare;
}

export interface FunnelQuery extends CommonQuery {
  kind: "funnel";
  steps: EventSelector[];
  order: FunnelOrder;
  /** The conversion window; null: the server's default of 14 days. */
  window: { value: number; unit: FunnelWindowUnit } | null;
  breakdown: string;
  breakdownLimit: number | null;
  attribution: Attribution;
}

/** Whose value of the breakdown counts: that of a user's first or last event, or of a step, counted from 0. */
export type Attribution = "first_touch" | "last_touch" | number;

export interface RetentionQuery extends IntervalQuery {
  kind: "retention";
  target: EventSelector;
  returning: EventSelector;
  /** Count every start of a person, not only the first. */
  isRecurring: boolean;
  /** Count returns on or after an interval, not only in it. */
  isRolling: boolean;
}

export interface StickinessQuery extends IntervalQuery {
  kind: "stickiness";
  series: EventSelector[];
}

export interface LifecycleQuery extends IntervalQuery {
  kind: "lifecycle";
  event: EventSelector;
}

export interface PathsQuery extends CommonQuery {
  kind: "paths";
  by: PathsBy;
  /** The event or page that paths start at; null: the start of the visit. */
  start: string | null;
  /** The event or page that paths end at; null: paths have a start instead; "": none is chosen yet. */
  end: string | null;
  /** How many steps of each path are shown; null: the server's default of 5. */
  steps: number | null;
  /** Events or pages that are left out. */
  hidden: string[];
}

/** A query for an insight, as the form edits it. */
export type InsightQuery =
  | TrendsQuery
  | FunnelQuery
  | RetentionQuery
  | StickinessQuery
  | LifecycleQuery
  | PathsQuery;

export function isInsightKind(value: string): value is InsightKind {
  return INSIGHT_KINDS.some((kind) => kind === value);
}

export function selectEvent(event: string | null = null): EventSelector {
  return { event, filters: NO_FILTERS, rest: {} };
}

export function selectMetric({ event, filters, rest }: EventSelector = selectEvent()): MetricSelector {
  return { event, filters, rest, metric: "count", property: null };
}

/** The letter of a series, by which a formula names it: A, B, C … */
export function seriesLetter(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

/** The steps of a funnel whose event is chosen. */
export function chosenSteps({ steps }: FunnelQuery): EventSelector[] {
  return steps.filter(({ event }) => event !== "");
}

/** Add empty steps to those of a funnel, up to the fewest that it has. */
function padSteps(steps: EventSelector[]): EventSelector[] {
  const missing = Math.max(0, MIN_FUNNEL_STEPS - steps.length);
  return [...steps, ...Array.from({ length: missing }, () => selectEvent(""))];
}

/** Whether a metric is calculated from the numbers of a property. */
export function needsProperty(metric: Metric): boolean {
  return PROPERTY_METRICS.some((one) => one === metric);
}

/** The attribution of a funnel; the first value, if its step is gone. */
export function attributionOf({ attribution, steps }: FunnelQuery): Attribution {
  return typeof attribution === "number" && attribution >= steps.length ? "first_touch" : attribution;
}

/** The query that the page of a kind starts with. */
export function defaultQuery(kind: InsightKind): InsightQuery {
  const month: CommonQuery = { period: "30d", from: "", to: "", filters: NO_FILTERS };
  switch (kind) {
    case "trends":
      return { ...month, kind, interval: null, series: [selectMetric()], breakdown: "", breakdownLimit: null, formula: "", compare: "none" };
    case "funnel":
      return { ...month, kind, steps: padSteps([]), order: "ordered", window: null, breakdown: "", breakdownLimit: null, attribution: "first_touch" };
    case "retention":
      return { ...month, kind, interval: null, target: selectEvent(), returning: selectEvent(), isRecurring: false, isRolling: false };
    case "stickiness":
      return { ...month, kind, interval: null, series: [selectEvent()] };
    case "lifecycle":
      return { ...month, kind, interval: null, event: selectEvent() };
    case "paths":
      return { ...month, kind, by: "event", start: null, end: null, steps: null, hidden: [] };
  }
}

/** Turn a query into one of another kind, with the same range, filters and events. */
export function toKind(kind: InsightKind, query: InsightQuery): InsightQuery {
  if (kind === query.kind) return query;
  const { period, from, to, filters } = query;
  const common = { period, from, to, filters };
  const events = eventsOf(query).filter(({ event }) => event !== null && event !== "");
  const [first = selectEvent(), second = selectEvent()] = events;
  const breakdown = "breakdown" in query ? query.breakdown : "";
  const fresh = defaultQuery(kind);
  switch (fresh.kind) {
    case "trends":
      return { ...fresh, ...common, breakdown, series: (events.length > 0 ? events : [first]).slice(0, MAX_SERIES).map(selectMetric) };
    case "funnel":
      return { ...fresh, ...common, breakdown, steps: padSteps(events.slice(0, MAX_FUNNEL_STEPS)) };
    case "retention":
      return { ...fresh, ...common, target: first, returning: second };
    case "stickiness":
      return { ...fresh, ...common, series: (events.length > 0 ? events : [first]).slice(0, MAX_SERIES) };
    case "lifecycle":
      return { ...fresh, ...common, event: first };
    case "paths":
      return { ...fresh, ...common };
  }
}

function eventsOf(query: InsightQuery): EventSelector[] {
  switch (query.kind) {
    case "trends":
      return query.series.map(({ event, filters, rest }) => ({ event, filters, rest }));
    case "stickiness":
      return query.series;
    case "funnel":
      return query.steps;
    case "retention":
      return [query.target, query.returning];
    case "lifecycle":
      return [query.event];
    case "paths":
      return [];
  }
}

/** Why the server cannot answer a query yet; null: it can. */
export function validate(query: InsightQuery): string | null {
  const texts = t.insights.incomplete;
  if (query.period === null && (!query.from || !query.to)) return texts.dates;
  if (query.kind === "funnel" && chosenSteps(query).length < MIN_FUNNEL_STEPS) return texts.steps;
  if (query.kind === "paths" && query.end === "") return texts.end;
  if (query.kind === "trends" && query.series.some(({ metric, property }) => needsProperty(metric) && !property))
    return texts.property;
  return null;
}
