import { useQuery } from "@tanstack/react-query";
import { queryApi, type Period } from "./client";
import { unwrap } from "./errors";
import { queryKeys } from "./queryKeys";
import { refresh, useProjectQuery } from "./useProjectQuery";

/** As many names as top-events returns: the charts show the first ones, the feed's filter offers all. */
const MAX_NAMES = 100;
const FEED_LENGTH = 50;

/** What all figures of the overview depend on. */
export interface OverviewScope {
  projectId: number;
  period: Period;
  /** Fetch again every few seconds. */
  live: boolean;
}

export function useOverview({ projectId, period, live }: OverviewScope) {
  return useProjectQuery(projectId, "overview", { period }, live);
}

/** Events over time; `byEvent`: a series for each of the most frequent names, and one for all others. */
export function useTimeseries({ projectId, period, live }: OverviewScope, byEvent = false) {
  return useProjectQuery(projectId, "timeseries", byEvent ? { period, split: "event_name" } : { period }, live);
}

export function useTopEvents({ projectId, period, live }: OverviewScope) {
  return useProjectQuery(projectId, "top-events", { period, limit: MAX_NAMES }, live);
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
