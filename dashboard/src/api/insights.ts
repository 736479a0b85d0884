import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Interval } from "../format/time";
import { queryApi } from "./client";
import { unwrap } from "./errors";

/** What can be asked, in the order of the page. */
export const KINDS = ["trends", "funnel", "retention", "stickiness", "lifecycle", "breakdown", "paths"] as const;
export type Kind = (typeof KINDS)[number];

/** What every answer says. */
interface Frame {
  from: string;
  to: string;
  timezone: string;
  /** Milliseconds that the server took; almost nothing when it had the answer already. */
  took_ms: number;
  source: string;
}

export interface TrendSeries {
  label: string;
  metric: string;
  /** One per interval; null where there was nothing to average. */
  values: (number | null)[];
  /** Of the whole range: of persons not the sum, for one may come on several days. */
  total: number | null;
  /** The value of the property that it was broken down by. */
  breakdown: string | null;
  dates: string[];
}

export interface TrendsAnswer extends Frame {
  interval: Interval;
  series: TrendSeries[];
  /** The same stretch of time before, series by series. */
  previous?: TrendSeries[];
}

export interface FunnelStep {
  label: string;
  persons: number;
  /** 0 to 1, of those who took the first step. */
  conversion: number;
  from_previous: number;
  /** From the step before; null where nobody came that far, or no durations were asked for. */
  median_seconds: number | null;
}

export interface FunnelAnswer extends Frame {
  order: string;
  steps: FunnelStep[];
  breakdown: { value: string; steps: FunnelStep[] }[];
}

export interface RetentionAnswer extends Frame {
  interval: Interval;
  /** `returned`: how many came back after 0, 1, 2 … intervals. */
  cohorts: { date: string; size: number; returned: number[] }[];
}

export interface StickinessAnswer extends Frame {
  interval: Interval;
  /** `values`: persons by the number of intervals, from 1, in which they were active. */
  series: { label: string; values: number[]; at_least: number[]; total: number }[];
}

export interface LifecycleAnswer extends Frame {
  interval: Interval;
  /** Dormant persons are counted below zero. */
  series: { label: string; dates: string[]; values: number[]; total: number }[];
}

export interface BreakdownAnswer extends Frame {
  property: string;
  items: { value: string; events: number; persons: number; share: number }[];
  has_more: boolean;
  total_events: number;
  total_persons: number;
}

export interface PathsAnswer extends Frame {
  by: "event" | "page";
  edges: { step: number; source: string; target: string; count: number; persons: number }[];
  visits: number;
}

export interface Answers {
  trends: TrendsAnswer;
  funnel: FunnelAnswer;
  retention: RetentionAnswer;
  stickiness: StickinessAnswer;
  lifecycle: LifecycleAnswer;
  breakdown: BreakdownAnswer;
  paths: PathsAnswer;
}

/** Ask a question; `body` null: there is nothing to ask yet. */
export function useInsight<Asked extends Kind>(projectId: number, kind: Asked, body: object | null) {
  return useQuery({
    queryKey: ["insights", projectId, kind, body],
    queryFn: async ({ signal }) =>
      (await unwrap(
        // All kinds have one frame, and the document leaves the rest of the answer open.
        queryApi.POST(`/api/v1/analytics/{project_id}/insights/${kind}` as "/api/v1/analytics/{project_id}/insights/trends", {
          params: { path: { project_id: projectId } },
          body: body as never,
          signal,
        }),
      )) as unknown as Answers[Asked],
    enabled: body !== null,
    // What was asked before stays, dimmed, while the next answer is on its way.
    placeholderData: (data, before) =>
      before?.queryKey[1] === projectId && before.queryKey[2] === kind ? keepPreviousData(data) : undefined,
  });
}

/** A name that a project has seen. */
export interface Definition {
  name: string;
  hidden: boolean;
}

function definitions(projectId: number, what: "events" | "properties", signal: AbortSignal) {
  return unwrap(
    queryApi.GET(`/api/v1/analytics/{project_id}/definitions/${what}`, {
      params: { path: { project_id: projectId } },
      signal,
    }),
  ) as Promise<unknown> as Promise<{ items: Definition[] }>;
}

/** Names that people have not hidden, the most frequent first. */
function useDefinitions(projectId: number, what: "events" | "properties") {
  return useQuery({
    queryKey: ["definitions", projectId, what],
    queryFn: async ({ signal }) =>
      (await definitions(projectId, what, signal)).items.filter(({ hidden }) => !hidden).map(({ name }) => name),
  });
}

export function useEventNames(projectId: number) {
  return useDefinitions(projectId, "events");
}

export function usePropertyNames(projectId: number) {
  return useDefinitions(projectId, "properties");
}
