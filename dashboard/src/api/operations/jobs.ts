import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { processorApi, type SystemJob } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { paths as ProcessorPaths } from "../processor.gen";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

const PAGE_SIZE = 50;
const FIRST_PAGE = null as string | null;
const STATE_MS = 10_000;
/** How many the server takes in one request. */
const AT_ONCE = 500;

/** A queue of jobs, each with a worker of its own. */
export type JobQueue = NonNullable<NonNullable<ProcessorPaths["/api/v1/system/jobs/"]["get"]["parameters"]["query"]>["queue"]>;

/** Which jobs to list. */
export interface JobFilter {
  status: SystemJob["status"];
  /** null: any. */
  queue: JobQueue | null;
}

/** The jobs of the server that run, wait or have failed. */
export function useJobs({ status, queue }: JobFilter) {
  return useInfiniteQuery({
    queryKey: queryKeys.system.jobs("list", status, queue),
    queryFn: ({ pageParam, signal }) => {
      const query = { status, limit: PAGE_SIZE, ...(queue === null ? {} : { queue }), ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(processorApi.GET("/api/v1/system/jobs/", { params: { query }, signal }));
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: STATE_MS,
  });
}

/** What the schedule queues by itself. */
export function useSchedule() {
  return useQuery({
    queryKey: queryKeys.system.jobs("schedule"),
    queryFn: async ({ signal }) => (await unwrap(processorApi.GET("/api/v1/system/jobs/schedule", { signal }))).items,
    refetchInterval: STATE_MS,
  });
}

/** Queue failed jobs again: these, or (null) all of them; returns how many. */
export function useRetryJobs() {
  return useApiMutation(
    (ids: readonly string[] | null) => inParts(ids, (part) => unwrap(processorApi.POST("/api/v1/system/jobs/retry", { body: { ids: part } }))),
    { invalidates: [queryKeys.system.all] },
  );
}

/** Delete jobs that have failed or wait; returns how many. */
export function useRemoveJobs() {
  return useApiMutation(
    (ids: readonly string[]) => inParts(ids, (part) => unwrap(processorApi.POST("/api/v1/system/jobs/remove", { body: { ids: part } }))),
    { invalidates: [queryKeys.system.all] },
  );
}

async function inParts(ids: readonly string[] | null, send: (part: string[] | null) => Promise<{ jobs: number }>): Promise<number> {
  if (ids === null) return (await send(null)).jobs;
  let done = 0;
  for (let first = 0; first < ids.length; first += AT_ONCE) done += (await send(ids.slice(first, first + AT_ONCE))).jobs;
  return done;
}
