import { keepPreviousData, useQuery, type Query } from "@tanstack/react-query";
import { queryApi, type Period } from "./client";
import { unwrap } from "./errors";

/** How often an open overview asks again, in milliseconds. */
export const REFRESH_MS = 5_000;
/** The same while the server fails: it may be busy. */
const REFRESH_AFTER_FAILURE_MS = 15_000;

/** As many names as top-events answers: the charts show the first, the feed's filter offers all. */
const MOST_NAMES = 100;
const FEED_LENGTH = 50;

/** What all figures of the overview depend on. */
export interface Scope {
  projectId: number;
  period: Period;
  /** Ask again every few seconds. */
  live: boolean;
}

function refreshing(live: boolean) {
  return {
    refetchInterval: (query: Pick<Query, "state">) => {
      if (!live) return false;
      return query.state.fetchFailureCount > 0 || query.state.status === "error" ? REFRESH_AFTER_FAILURE_MS : REFRESH_MS;
    },
    staleTime: 0,
    retry: 1,
  };
}

/** Figures of another project are never shown in the meantime. */
function keepWithin(projectId: number) {
  return <T>(data: T | undefined, before?: Pick<Query, "queryKey">): T | undefined =>
    before?.queryKey[1] === projectId ? keepPreviousData(data) : undefined;
}

export function useOverview({ projectId, period, live }: Scope) {
  return useQuery({
    queryKey: ["overview", projectId, period],
    queryFn: ({ signal }) =>
      unwrap(
        queryApi.GET("/api/v1/analytics/{project_id}/overview", {
          params: { path: { project_id: projectId }, query: { period } },
          signal,
        }),
      ),
    placeholderData: keepWithin(projectId),
    ...refreshing(live),
  });
}

/** Events over time; `split`: a series for each of the most frequent names, and one for the rest. */
export function useTimeseries({ projectId, period, live }: Scope, split = false) {
  return useQuery({
    queryKey: ["timeseries", projectId, period, split],
    queryFn: ({ signal }) =>
      unwrap(
        queryApi.GET("/api/v1/analytics/{project_id}/timeseries", {
          params: { path: { project_id: projectId }, query: split ? { period, split: "event_name" } : { period } },
          signal,
        }),
      ),
    placeholderData: keepWithin(projectId),
    ...refreshing(live),
  });
}

export function useTopEvents({ projectId, period, live }: Scope) {
  return useQuery({
    queryKey: ["top-events", projectId, period],
    queryFn: ({ signal }) =>
      unwrap(
        queryApi.GET("/api/v1/analytics/{project_id}/top-events", {
          params: { path: { project_id: projectId }, query: { period, limit: MOST_NAMES } },
          signal,
        }),
      ),
    placeholderData: keepWithin(projectId),
    ...refreshing(live),
  });
}

/** The newest events, of one name or of all. */
export function useRecentEvents(projectId: number, eventName: string | null, live: boolean) {
  return useQuery({
    queryKey: ["recent-events", projectId, eventName],
    queryFn: ({ signal }) =>
      unwrap(
        queryApi.GET("/api/events/", {
          params: {
            query: { project_id: projectId, limit: FEED_LENGTH, ...(eventName ? { event_name: eventName } : {}) },
          },
          signal,
        }),
      ),
    ...refreshing(live),
  });
}

/** Whether a project has any event. Asked again until it has. */
export function useHasEvents(projectId: number) {
  return useQuery({
    queryKey: ["has-events", projectId],
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
