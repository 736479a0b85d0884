import { useInfiniteQuery } from "@tanstack/react-query";
import { processorApi } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

const PAGE_SIZE = 50;
const FIRST_PAGE = null as string | null;
const STATE_MS = 30_000;
/** Of the days of one project: somebody waits for those that they had sealed again. */
const DAYS_MS = 10_000;

/** Which projects to list. */
export interface SealingFilter {
  state: "all" | "waiting" | "failing";
  /** A part of the name. */
  search: string;
}

/** How far sealing is in every project: failing ones first, then those that wait the longest. */
export function useSealing({ state, search }: SealingFilter) {
  return useInfiniteQuery({
    queryKey: queryKeys.system.sealing("projects", state, search),
    queryFn: ({ pageParam, signal }) => {
      const query = { state, search, limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(processorApi.GET("/api/v1/system/sealing/", { params: { query }, signal }));
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: STATE_MS,
  });
}

/** The closed days of a project, newest first. */
export function useClosedDays(projectId: number, onlyWaiting: boolean) {
  return useInfiniteQuery({
    queryKey: queryKeys.system.sealing("days", projectId, onlyWaiting),
    queryFn: ({ pageParam, signal }) => {
      const query = { only_waiting: onlyWaiting, limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) };
      const params = { path: { project_id: projectId }, query };
      return unwrap(processorApi.GET("/api/v1/system/sealing/{project_id}", { params, signal }));
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: DAYS_MS,
  });
}

/** Have days sealed again from their raw events, by a job. Days are ISO dates, both included. */
export function useSealAgain(projectId: number) {
  return useApiMutation(
    (days: { from: string; to: string }) =>
      unwrap(processorApi.POST("/api/v1/system/sealing/{project_id}", { params: { path: { project_id: projectId } }, body: days })),
    { invalidates: [queryKeys.system.all] },
  );
}
