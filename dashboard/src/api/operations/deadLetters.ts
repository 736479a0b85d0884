import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { processorApi, type DeadLetter } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

const PAGE_SIZE = 50;
const FIRST_PAGE = null as string | null;
/** How many the server takes in one request. */
const AT_ONCE = 500;

/** Which dead letters to list; null: whatever it is. */
export interface DeadLetterFilter {
  projectId: number | null;
  reason: string | null;
  /** ISO time. */
  since: string | null;
}

/** Dead letters of all projects, newest first. */
export function useDeadLetters({ projectId, reason, since }: DeadLetterFilter) {
  return useInfiniteQuery({
    queryKey: queryKeys.system.deadLetters("list", projectId, reason, since),
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: PAGE_SIZE,
        ...(pageParam === null ? {} : { cursor: pageParam }),
        ...(projectId === null ? {} : { project_id: projectId }),
        ...(reason === null ? {} : { reason }),
        ...(since === null ? {} : { from: since }),
      };
      return unwrap(processorApi.GET("/api/v1/system/dead-letters/", { params: { query }, signal }));
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** One dead letter with what was received. */
export function useDeadLetter({ project_id: projectId, id }: DeadLetter) {
  return useQuery({
    queryKey: queryKeys.system.deadLetters("one", projectId, id),
    queryFn: ({ signal }) =>
      unwrap(
        processorApi.GET("/api/v1/system/dead-letters/{project_id}/{dead_letter_id}", {
          params: { path: { project_id: projectId, dead_letter_id: id } },
          signal,
        }),
      ),
  });
}

/** Send dead letters through the stream once more; returns how many. */
export function useReplay() {
  return useApiMutation(
    (chosen: readonly DeadLetter[]) =>
      forEachProject(chosen, (body) => unwrap(processorApi.POST("/api/v1/system/dead-letters/replay", { body }))),
    { invalidates: [queryKeys.system.all] },
  );
}

/** Delete dead letters for good; returns how many. */
export function useDiscard() {
  return useApiMutation(
    (chosen: readonly DeadLetter[]) =>
      forEachProject(chosen, (body) => unwrap(processorApi.POST("/api/v1/system/dead-letters/discard", { body }))),
    { invalidates: [queryKeys.system.all] },
  );
}

/** A request is about one project and so many dead letters. */
async function forEachProject(
  chosen: readonly DeadLetter[],
  send: (body: { project_id: number; ids: number[] }) => Promise<{ events: number }>,
): Promise<number> {
  const ids = new Map<number, number[]>();
  for (const { project_id: projectId, id } of chosen) ids.set(projectId, [...(ids.get(projectId) ?? []), id]);
  let done = 0;
  for (const [projectId, all] of ids) {
    for (let first = 0; first < all.length; first += AT_ONCE) {
      done += (await send({ project_id: projectId, ids: all.slice(first, first + AT_ONCE) })).events;
    }
  }
  return done;
}
