import type { InsightKind } from "../../../api/insights/insights";
import { t } from "../../../texts";
import type { Interval } from "../../../format/time";
import { completeFilters, parseFilter, toFilter } from "../../../report/filters";
import {
  attributionOf,
  chosenSteps,
  defaultQuery,
  needsProperty,
  selectEvent,
  selectMetric,
  type Attribution,
  type EventSelector,
  type FunnelQuery,
  type InsightQuery,
  type MetricSelector,
  type TrendsQuery,
} from "./insightQuery";
import { isObject } from "../../../report/json";
import { COMPARISONS, type Compare } from "../../../report/reportState";

/** A query as the server, the address and saved insights hold it. */
export type Body = Record<string, unknown>;

/** Write a query; with `completeOnly`, without conditions that are not filled in yet. */
export function toBody(query: InsightQuery, completeOnly = false): Body {
  const filters = toFilter(query.filters, completeOnly);
  return {
    ...(query.period === null ? { from: query.from, to: query.to } : { period: query.period }),
    ...(filters === undefined ? {} : { filters }),
    ...("interval" in query && query.interval ? { interval: query.interval } : {}),
    ...kindBody(query, completeOnly),
    ...("breakdown" in query && query.breakdown ? { breakdown: breakdownBody(query) } : {}),
  };
}

function breakdownBody({ breakdown, breakdownLimit: limit }: TrendsQuery | FunnelQuery): Body {
  return { property: breakdown, ...(limit === null ? {} : { limit }) };
}

function kindBody(query: InsightQuery, completeOnly: boolean): Body {
  const eventBody = (selector: EventSelector) => selectorBody(selector, completeOnly);
  switch (query.kind) {
    case "trends":
      return {
        series: query.series.map((selector) => ({ ...eventBody(selector), ...metricBody(selector) })),
        ...(query.formula ? { formula: query.formula } : {}),
        ...(query.compare === "none" ? {} : { compare: query.compare === "previous_period" ? true : query.compare }),
      };
    case "funnel":
      return {
        steps: (completeOnly ? chosenSteps(query) : query.steps).map(eventBody),
        order: query.order,
        ...(query.window ? { window: query.window } : {}),
        ...(query.breakdown ? attributionBody(query, completeOnly) : {}),
      };
    case "retention":
      return {
        target: eventBody(query.target),
        returning: eventBody(query.returning),
        kind: query.isRecurring ? "recurring" : "first_time",
        rule: query.isRolling ? "rolling" : "strict",
      };
    case "stickiness":
      return { series: query.series.map(eventBody) };
    case "lifecycle":
      return { event: eventBody(query.event) };
    case "paths":
      return {
        by: query.by,
        ...(query.start ? { start: query.start } : {}),
        // "": to be chosen yet, which only the address holds.
        ...(query.end === null || (completeOnly && query.end === "") ? {} : { end: query.end }),
        ...(query.steps === null ? {} : { steps: query.steps }),
        ...(query.hidden.length > 0 ? { hidden: query.hidden } : {}),
      };
  }
}

function attributionBody(query: FunnelQuery, completeOnly: boolean): Body {
  const attribution = attributionOf(query);
  if (typeof attribution === "number") {
    const before = query.steps.slice(0, attribution);
    return { attribution: "step", attribution_step: completeOnly ? chosenSteps({ ...query, steps: before }).length : attribution };
  }
  return attribution === "first_touch" ? {} : { attribution };
}

function selectorBody({ event, filters, rest }: EventSelector, completeOnly: boolean): Body {
  const filter = toFilter(filters, completeOnly);
  return { ...rest, event, ...(filter === undefined ? {} : { filters: filter }) };
}

function metricBody({ metric, property }: MetricSelector): Body {
  return { ...(metric === "count" ? {} : { metric }), ...(needsProperty(metric) ? { property } : {}) };
}

/** Turn the query of a breakdown, which is a view of trends now, into that of trends. */
export function breakdownAsTrends({ event, ...body }: Body): Body {
  return { ...body, series: [event ?? { event: null }] };
}

/** Read a query of a kind; unusable parts are replaced by the default. */
export function parseBody(kind: InsightKind, body: Body): InsightQuery {
  const fresh = defaultQuery(kind);
  const common = { ...parseRange(body, fresh), filters: completeFilters(parseFilter(body["filters"])) };
  const interval = oneOf<Interval>(t.insights.intervals, body["interval"]);
  const breakdown = parseBreakdown(body["breakdown"]);
  switch (fresh.kind) {
    case "trends":
      return {
        ...fresh,
        ...common,
        interval,
        breakdown,
        breakdownLimit: parseLimit(body["breakdown"]),
        series: parseList(body["series"], parseMetric) ?? fresh.series,
        formula: typeof body["formula"] === "string" ? body["formula"] : "",
        compare: parseCompare(body["compare"]),
      };
    case "funnel":
      return {
        ...fresh,
        ...common,
        breakdown,
        breakdownLimit: parseLimit(body["breakdown"]),
        steps: parseList(body["steps"], parseEvent) ?? fresh.steps,
        order: oneOf(t.insights.orders, body["order"]) ?? fresh.order,
        window: parseWindow(body["window"]),
        attribution: parseAttribution(body),
      };
    case "retention":
      return {
        ...fresh,
        ...common,
        interval,
        target: parseEvent(body["target"]),
        returning: parseEvent(body["returning"]),
        isRecurring: body["kind"] === "recurring",
        isRolling: body["rule"] === "rolling",
      };
    case "stickiness":
      return { ...fresh, ...common, interval, series: parseList(body["series"], parseEvent) ?? fresh.series };
    case "lifecycle":
      return { ...fresh, ...common, interval, event: parseEvent(body["event"]) };
    case "paths":
      return {
        ...fresh,
        ...common,
        by: body["by"] === "page" ? "page" : "event",
        start: textOrNull(body["start"]),
        end: typeof body["end"] === "string" ? body["end"] : null,
        steps: typeof body["steps"] === "number" ? body["steps"] : null,
        hidden: Array.isArray(body["hidden"]) ? body["hidden"].filter((one) => typeof one === "string") : [],
      };
  }
}

function parseRange({ period: raw, from, to }: Body, fresh: InsightQuery): Pick<InsightQuery, "period" | "from" | "to"> {
  const period = oneOf(t.insights.periods, raw);
  if (period === null && typeof from === "string" && typeof to === "string") return { period, from, to };
  return { period: period ?? fresh.period, from: "", to: "" };
}

/** The value, if it is one of a table's keys. */
function oneOf<Key extends string>(table: Record<Key, unknown>, value: unknown): Key | null {
  return (Object.keys(table) as Key[]).find((key) => key === value) ?? null;
}

function parseBreakdown(raw: unknown): string {
  return isObject(raw) && typeof raw["property"] === "string" ? raw["property"] : "";
}

function parseLimit(raw: unknown): number | null {
  return isObject(raw) && typeof raw["limit"] === "number" ? raw["limit"] : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function parseCompare(raw: unknown): Compare {
  return raw === true ? "previous_period" : (COMPARISONS.find((one) => one === raw) ?? "none");
}

function parseAttribution({ attribution, attribution_step: step }: Body): Attribution {
  if (attribution === "step" && typeof step === "number" && Number.isInteger(step) && step >= 0) return step;
  return attribution === "last_touch" ? attribution : "first_touch";
}

function parseWindow(raw: unknown) {
  if (!isObject(raw) || typeof raw["value"] !== "number") return null;
  const unit = oneOf(t.insights.windowUnits, raw["unit"]);
  return unit === null ? null : { value: raw["value"], unit };
}

function parseList<Item>(raw: unknown, parse: (item: unknown) => Item): Item[] | null {
  return Array.isArray(raw) && raw.length > 0 ? raw.map(parse) : null;
}

function parseEvent(raw: unknown): EventSelector {
  if (typeof raw === "string") return selectEvent(raw);
  if (!isObject(raw)) return selectEvent();
  const { event, filters, ...rest } = raw;
  return { event: typeof event === "string" ? event : null, filters: completeFilters(parseFilter(filters)), rest };
}

function parseMetric(raw: unknown): MetricSelector {
  const { event, filters, rest } = parseEvent(raw);
  const { metric, property, ...others } = rest;
  return {
    ...selectMetric({ event, filters, rest: others }),
    metric: oneOf(t.insights.metrics, metric) ?? "count",
    property: typeof property === "string" ? property : null,
  };
}
