import { useQuery } from "@tanstack/react-query";
import type { Interval } from "../format/time";
import { reportApi, type Timeseries } from "./client";
import { unwrap } from "./errors";
import type { paths } from "./query.gen";
import { isSameReport, queryKeys } from "./queryKeys";

type InsightPath = "/api/v1/analytics/{project_id}/insights/";
type AnyKind = keyof { [Path in keyof paths as Path extends `${InsightPath}${infer Kind}` ? Kind : never]: true };

/** The kinds of insight that have a page, in its order. */
export const INSIGHT_KINDS = [
  "trends", "funnel", "retention", "stickiness", "lifecycle", "breakdown", "paths",
] as const satisfies readonly AnyKind[];
export type InsightKind = (typeof INSIGHT_KINDS)[number];

/** The body of the request for an insight. */
export type InsightBody<Kind extends InsightKind = InsightKind> =
  paths[`${InsightPath}${Kind}`]["post"]["requestBody"]["content"]["application/json"];

type Field<Kind extends InsightKind, Name extends keyof InsightBody<Kind>> = NonNullable<InsightBody<Kind>[Name]>;

export type InsightPeriod = Field<"trends", "period">;
export type Metric = NonNullable<Field<"trends", "series">[number]["metric"]>;
export type FunnelOrder = Field<"funnel", "order">;
export type FunnelWindowUnit = Extract<Field<"funnel", "window">, { unit: string }>["unit"];
export type ResultSource = Timeseries["source"];

export type Operator =
  | "is"
  | "is_not"
  | "contains"
  | "not_contains"
  | "regex"
  | "gt"
  | "gte"
  | "lt"
  | "lte"
  | "between"
  | "before"
  | "after"
  | "is_set"
  | "is_not_set";

/** What every result says. */
interface ResultMeta {
  from: string;
  to: string;
  timezone: string;
  /** Milliseconds that the server took; almost nothing when the result was cached. */
  took_ms: number;
  source: ResultSource;
}

export interface TrendSeries {
  label: string;
  metric: string;
  /** One per interval; null where there was nothing to average. */
  values: (number | null)[];
  /** Of the whole range; not the sum where persons are counted, who may be active in several intervals. */
  total: number | null;
  /** The value of the property that the series is broken down by. */
  breakdown: string | null;
  dates: string[];
}

export interface TrendsResult extends ResultMeta {
  interval: Interval;
  series: TrendSeries[];
  /** The same series in the previous period. */
  previous?: TrendSeries[];
}

export interface FunnelStep {
  label: string;
  persons: number;
  /** 0 to 1, of those who took the first step. */
  conversion: number;
  from_previous: number;
  /** From the previous step; null where nobody came that far, or durations are unknown. */
  median_seconds: number | null;
}

export interface FunnelResult extends ResultMeta {
  order: string;
  steps: FunnelStep[];
  breakdown: { value: string; steps: FunnelStep[] }[];
}

export interface RetentionResult extends ResultMeta {
  interval: Interval;
  /** `returned`: how many came back after 0, 1, 2 … intervals. */
  cohorts: { date: string; size: number; returned: number[] }[];
}

export interface StickinessResult extends ResultMeta {
  interval: Interval;
  /** `values`: persons by the number of intervals, from 1, in which they were active. */
  series: { label: string; values: number[]; at_least: number[]; total: number }[];
}

export interface LifecycleResult extends ResultMeta {
  interval: Interval;
  /** Dormant persons are counted below zero. */
  series: { label: string; dates: string[]; values: number[]; total: number }[];
}

export interface BreakdownResult extends ResultMeta {
  property: string;
  items: { value: string; events: number; persons: number; share: number }[];
  has_more: boolean;
  total_events: number;
  total_persons: number;
}

export interface PathsResult extends ResultMeta {
  by: "event" | "page";
  edges: { step: number; source: string; target: string; count: number; persons: number }[];
  visits: number;
}

interface Results {
  trends: TrendsResult;
  funnel: FunnelResult;
  retention: RetentionResult;
  stickiness: StickinessResult;
  lifecycle: LifecycleResult;
  breakdown: BreakdownResult;
  paths: PathsResult;
}

/** The result of an insight, with its kind to tell it by. */
export type Insight = { [Kind in InsightKind]: { kind: Kind; result: Results[Kind] } }[InsightKind];

/** Fetch an insight; `body` null: the query is not complete yet. */
export function useInsight(projectId: number, kind: InsightKind, body: object | null) {
  const queryKey = queryKeys.analytics(projectId, `insights/${kind}`, body);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId } };
      const result = await unwrap(
        reportApi.POST(`/api/v1/analytics/{project_id}/insights/${kind}`, { params, body: body ?? {}, signal }),
      );
      return { kind, result } as Insight;
    },
    enabled: body !== null,
    // The previous result stays, dimmed, while the next one is on its way.
    placeholderData: (previous, previousQuery) =>
      previousQuery && isSameReport(previousQuery.queryKey, queryKey) ? previous : undefined,
  });
}
