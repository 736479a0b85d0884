import { useQuery } from "@tanstack/react-query";
import type { Report, ReportQuery } from "../requests/client";
import { lastOfReport, queryKeys } from "../cache/queryKeys";
import { fetchReport, refresh } from "../cache/useProjectQuery";

export type KeyMetrics = Report<"key-metrics">;
export type KeyMetricsQuery = ReportQuery<"key-metrics">;
export type KeyMetric = KeyMetrics["metrics"][number];
export type Movers = Report<"movers">;
export type Mover = Movers["items"][number];
export type Live = Report<"live">;
export type LiveValue = Live["countries"][number];

/**
 * How often an open page asks, in milliseconds. Together at most 12 requests a minute: ten for what
 * happens now, one for the figures, one for the badge of the data's health.
 */
export const LIVE_MS = 6_000;
/** The same while events and visitors arrive over connections: it is asked whether events are stored. */
export const CONNECTED_MS = 8_000;
const FIGURES_MS = 60_000;
/** Changes of a period are no news of seconds. */
const MOVERS_STALE_MS = 300_000;

/** Fetch the main figures of a project. All of one answer are of one moment. */
export function useKeyMetrics(projectId: number, query: KeyMetricsQuery) {
  const queryKey = queryKeys.analytics(projectId, "key-metrics", query);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => ({ asked: query, answer: await fetchReport(projectId, "key-metrics", query, signal) }),
    placeholderData: lastOfReport(queryKey),
    ...refresh(true, FIGURES_MS),
  });
}

/** Fetch the largest changes against the previous period. */
export function useMovers(projectId: number, query: ReportQuery<"movers">) {
  const queryKey = queryKeys.analytics(projectId, "movers", query);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => fetchReport(projectId, "movers", query, signal),
    placeholderData: lastOfReport(queryKey),
    staleTime: MOVERS_STALE_MS,
  });
}

/** Fetch what happens now, every few seconds while `isOn`. */
export function useLive(projectId: number, query: ReportQuery<"live">, isOn = true, everyMs = LIVE_MS) {
  const queryKey = queryKeys.analytics(projectId, "live", query);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => fetchReport(projectId, "live", query, signal),
    placeholderData: lastOfReport(queryKey),
    ...refresh(isOn, everyMs),
  });
}

/** Fetch how many received events of a period are stored, and why the others are not. */
export function useIntake(projectId: number, query: ReportQuery<"intake">) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "intake", query),
    queryFn: ({ signal }) => fetchReport(projectId, "intake", query, signal),
    // Without them the figures are right nevertheless.
    retry: false,
  });
}
