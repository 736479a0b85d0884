import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { PersonSummary } from "../reports/figures";
import { queryApi, type JsonOf, type Report, type ReportQuery } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { paths } from "../query.gen";
import { lastOfReport, queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";
import { fetchReport } from "../cache/useProjectQuery";

const PERSONS = "/api/v1/analytics/{project_id}/persons/";
const PAGE_SIZE = 50;
/** How often the state of a running job is asked for, in milliseconds. */
const JOB_REFRESH_MS = 1_500;
/** New names of properties are rare, in milliseconds. */
const PROPERTIES_STALE_MS = 300_000;

/** How many are found while somebody types, from how many characters, after which pause in milliseconds. */
const MAX_FOUND = 5;
const MIN_SEARCHED = 2;
const TYPING_MS = 200;

export type Person = JsonOf<paths["/api/v1/analytics/{project_id}/persons/{person_id}"]["get"]>;
export type PersonEvent = JsonOf<paths["/api/v1/analytics/{project_id}/persons/{person_id}/events"]["get"]>["items"][number];
export type PersonJob = JsonOf<paths["/api/v1/analytics/{project_id}/persons/jobs/{job_id}"]["get"]>;
export type PersonSort = NonNullable<ReportQuery<"persons/">["sort"]>;
export type SessionList = Report<"sessions">;
export type SessionSummary = SessionList["items"][number];

/** Which persons; what is left out selects all. */
export type PersonSelection = Pick<ReportQuery<"persons/">, "search" | "filters" | "identified">;

const page = (cursor: string | null) => ({ limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) });

/** Persons of a project, page by page. */
export function usePersons(projectId: number, selection: PersonSelection, sort: PersonSort) {
  const queryKey = queryKeys.analytics(projectId, "persons/", selection, sort);
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      unwrap(queryApi.GET(PERSONS, { params: { path: { project_id: projectId }, query: { ...selection, sort, ...page(pageParam) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    // The previous list stays, dimmed, while the next one is on its way.
    placeholderData: lastOfReport(queryKey),
  });
}

/** Persons with an id or a property that contains what somebody types, the last seen first; none before two characters. */
export function useFoundPersons(projectId: number, typed: string): readonly PersonSummary[] {
  const [search] = useDebouncedValue(typed.trim(), TYPING_MS);
  const query = { search, sort: "last_seen", limit: MAX_FOUND } as const;
  const found = useQuery({
    queryKey: queryKeys.analytics(projectId, "persons/", "found", query),
    queryFn: ({ signal }) => unwrap(queryApi.GET(PERSONS, { params: { path: { project_id: projectId }, query }, signal })),
    enabled: Number.isSafeInteger(projectId) && search.length >= MIN_SEARCHED,
    // The way to all users stands beside them.
    retry: false,
  });
  return found.data?.items ?? [];
}

/** The names of the properties that persons of a project have, most frequent first; `isOn`: whether they are asked for. */
export function usePersonProperties(projectId: number, isOn: boolean): readonly string[] {
  const query = useQuery({
    queryKey: queryKeys.analytics(projectId, "persons/properties"),
    queryFn: ({ signal }) => fetchReport(projectId, "persons/properties", {}, signal),
    enabled: isOn,
    staleTime: PROPERTIES_STALE_MS,
  });
  return query.data?.items.map(({ name }) => name) ?? [];
}

/** Fetch the CSV file of persons. */
export async function fetchPersonsFile(projectId: number, selection: PersonSelection): Promise<Blob> {
  const params = { path: { project_id: projectId }, query: selection };
  return unwrap(queryApi.GET(`${PERSONS}export`, { params, parseAs: "blob" }));
}

export function usePerson(projectId: number, personId: number) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "person", personId),
    queryFn: ({ signal }) => unwrap(queryApi.GET(`${PERSONS}{person_id}`, { params: { path: { project_id: projectId, person_id: personId } }, signal })),
  });
}

/** The days of the last 90 on which a person was active. */
export function usePersonActivity(projectId: number, personId: number) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "person/activity", personId),
    queryFn: ({ signal }) =>
      unwrap(queryApi.GET(`${PERSONS}{person_id}/activity`, { params: { path: { project_id: projectId, person_id: personId } }, signal })),
  });
}

/** A person's events, newest first. */
export function usePersonEvents(projectId: number, personId: number) {
  return useInfiniteQuery({
    queryKey: queryKeys.analytics(projectId, "person/events", personId),
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        queryApi.GET(`${PERSONS}{person_id}/events`, {
          params: { path: { project_id: projectId, person_id: personId }, query: page(pageParam) },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
}

/** Sessions, newest first. */
export function useSessions(projectId: number, query: Omit<ReportQuery<"sessions">, "limit" | "cursor">) {
  const queryKey = queryKeys.analytics(projectId, "sessions", query);
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        queryApi.GET("/api/v1/analytics/{project_id}/sessions", {
          params: { path: { project_id: projectId }, query: { ...query, ...page(pageParam) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: lastOfReport(queryKey),
  });
}

/** The events of a session, newest first; at most 200. */
export function useSessionEvents(projectId: number, sessionId: string) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "session/events", sessionId),
    queryFn: ({ signal }) =>
      unwrap(queryApi.GET("/api/events/", { params: { query: { project_id: projectId, session_id: sessionId, limit: 200 } }, signal })),
  });
}

/** Start a job that deletes or exports everything about a person. */
export function useStartPersonJob(projectId: number, personId: number, kind: "delete" | "export") {
  const params = { path: { project_id: projectId, person_id: personId } };
  return useApiMutation(() =>
    kind === "delete"
      ? unwrap(queryApi.DELETE(`${PERSONS}{person_id}`, { params }))
      : unwrap(queryApi.POST(`${PERSONS}{person_id}/export`, { params })),
  );
}

/** The state of a job, until it is done; null: none runs. */
export function usePersonJob(projectId: number, jobId: string | null) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "person/job", jobId),
    queryFn: ({ signal }) =>
      unwrap(queryApi.GET(`${PERSONS}jobs/{job_id}`, { params: { path: { project_id: projectId, job_id: jobId ?? "" } }, signal })),
    enabled: jobId !== null,
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data && isDone(state.data) ? false : JOB_REFRESH_MS),
  });
}

/** Whether a job has ended, well or not. */
export function isDone({ status }: PersonJob): boolean {
  return status === "finished" || status === "failed";
}

/** Fetch the file of a finished export. */
export async function fetchPersonExport(projectId: number, jobId: string): Promise<Blob> {
  const params = { path: { project_id: projectId, job_id: jobId } };
  return unwrap(queryApi.GET(`${PERSONS}jobs/{job_id}/file`, { params, parseAs: "blob" }));
}
