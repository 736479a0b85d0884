import { useQuery } from "@tanstack/react-query";
import { queryApi, type Period, type ReportPath, type ReportQuery } from "./client";
import { unwrap } from "./errors";
import { lastOfReport, queryKeys } from "./queryKeys";
import { fetchReport, refresh, useProjectQuery } from "./useProjectQuery";

/** As many names as top-events returns: the charts show the first ones, the feed's filter offers all. */
const MAX_NAMES = 100;
const FEED_LENGTH = 50;

/** What all figures of the overview depend on. */
export interface OverviewScope<Chosen extends Period = Period> {
  projectId: number;
  period: Chosen;
  /** Fetch again every few seconds. */
  live: boolean;
}

/**
 * Fetch all figures of the overview together, so that those on the screen are of one moment.
 *
 * Without `intake` the figures are right nevertheless, so its failure leaves it undefined.
 *
 * `byEvent`: events over time have a series for each of the most frequent names, and one for all others.
 */
export function useOverviewFigures<Chosen extends Period>({ projectId, period, live }: OverviewScope<Chosen>, byEvent: boolean) {
  const queryKey = queryKeys.analytics(projectId, "overview-figures", period, byEvent);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const report = <Path extends ReportPath>(path: Path, query: ReportQuery<Path>) =>
        fetchReport(projectId, path, query, signal);
      const [overview, timeseries, topEvents, intake] = await Promise.all([
        report("overview", { period }),
        report("timeseries", byEvent ? { period, split: "event_name" } : { period }),
        report("top-events", { period, limit: MAX_NAMES }),
        report("intake", { period }).catch(() => undefined),
      ]);
      return { period, byEvent, overview, timeseries, topEvents, intake };
    },
    placeholderData: lastOfReport(queryKey),
    ...refresh(live),
  });
}

/** Events over time. */
export function useTimeseries({ projectId, period, live }: OverviewScope) {
  return useProjectQuery(projectId, "timeseries", { period }, live);
}

/** The newest events, of one name or of all. */
export function useRecentEvents(projectId: number, eventName: string | null, live: boolean) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "recent-events", eventName),
    queryFn: ({ signal }) => {
      const query = { project_id: projectId, limit: FEED_LENGTH, ...(eventName ? { event_name: eventName } : {}) };
      return unwrap(queryApi.GET("/api/events/", { params: { query }, signal }));
    },
    ...refresh(live),
  });
}

/** Whether a project has any event. Fetched again until it has. */
export function useHasEvents(projectId: number) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "has-events"),
    queryFn: async ({ signal }) => {
      const page = await unwrap(
        queryApi.GET("/api/events/", { params: { query: { project_id: projectId, limit: 1 } }, signal }),
      );
      return page.items.length > 0;
    },
    refetchInterval: (query) => (query.state.data === true ? false : 2_000),
    staleTime: (query) => (query.state.data === true ? Infinity : 0),
  });
}
