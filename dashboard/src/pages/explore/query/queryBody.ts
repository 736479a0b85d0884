import type { InsightKind } from "../../../api/insights";
import { t } from "../../../texts";
import type { Interval } from "../../../format/time";
import { parseFilter, toFilter } from "../../../report/filters";
import {
  attributionOf,
  defaultQuery,
  needsProperty,
  selectEvent,
  selectMetric,
  type Attribution,
  type EventSelector,
  type FunnelQuery,
  type InsightQuery,
  type MetricSelector,
} from "./insightQuery";
import { isObject } from "../../../report/json";

/** A query as the server, the address and saved insights hold it. */
export type Body = Record<string, unknown>;

/** Write a query; with `completeOnly`, without conditions that are not filled in yet. */
export function toBody(query: InsightQuery, completeOnly = false): Body {
  const filters = toFilter(query.filters, completeOnly);
  return {
    ...(query.period === null ? { from: query.from, to: query.to } : { period: query.period }),
    ...(filters === undefined ? {} : { filters }),
    ...("interval" in query && query.interval ? { interval: query.interval } : {}),
    ...kindBody(query),
    ...("breakdown" in query && query.breakdown ? { breakdown: { property: query.breakdown } } : {}),
  };
}

function kindBody(query: InsightQuery): Body {
  switch (query.kind) {
    case "trends":
      return { series: query.series.map(seriesBody), ...(query.compare ? { compare: true } : {}) };
    case "funnel":
      return {
        steps: query.steps.map(eventBody),
        order: query.order,
        ...(query.window ? { window: query.window } : {}),
        ...(query.breakdown ? attributionBody(query) : {}),
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
    case "breakdown":
      return { event: eventBody(query.event) };
    case "paths":
      return { by: query.by, ...(query.start ? { start: query.start } : {}) };
  }
}

function attributionBody(query: FunnelQuery): Body {
  const attribution = attributionOf(query);
  if (typeof attribution === "number") return { attribution: "step", attribution_step: attribution };
  return attribution === "first_touch" ? {} : { attribution };
}

function eventBody({ event, rest }: EventSelector): Body {
  return { ...rest, event };
}

function seriesBody(selector: MetricSelector): Body {
  const { metric, property } = selector;
  return { ...eventBody(selector), ...(metric === "count" ? {} : { metric }), ...(needsProperty(metric) ? { property } : {}) };
}

/** Read a query of a kind; unusable parts are replaced by the default. */
export function parseBody(kind: InsightKind, body: Body): InsightQuery {
  const fresh = defaultQuery(kind);
  const common = { ...parseRange(body, fresh), filters: parseFilter(body["filters"]) };
  const interval = oneOf<Interval>(t.insights.intervals, body["interval"]);
  const breakdown = parseBreakdown(body["breakdown"]);
  switch (fresh.kind) {
    case "trends":
      return { ...fresh, ...common, interval, breakdown, series: parseList(body["series"], parseMetric) ?? fresh.series, compare: body["compare"] === true };
    case "funnel":
      return {
        ...fresh,
        ...common,
        breakdown,
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
    case "breakdown":
      return { ...fresh, ...common, breakdown, event: parseEvent(body["event"]) };
    case "paths":
      return {
        ...fresh,
        ...common,
        by: body["by"] === "page" ? "page" : "event",
        start: typeof body["start"] === "string" ? body["start"] : null,
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
  const { event, ...rest } = raw;
  return { event: typeof event === "string" ? event : null, rest };
}

function parseMetric(raw: unknown): MetricSelector {
  const { event, rest } = parseEvent(raw);
  const { metric, property, ...others } = rest;
  return {
    ...selectMetric({ event, rest: others }),
    metric: oneOf(t.insights.metrics, metric) ?? "count",
    property: typeof property === "string" ? property : null,
  };
}
