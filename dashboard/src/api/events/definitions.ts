import { useDebouncedValue } from "@mantine/hooks";
import { useQueries, useQuery } from "@tanstack/react-query";
import { MAX_EVENT_NAMES } from "../../constants.gen";
import type { FilterScope } from "../insights/insights";
import { queryApi, type Report } from "../requests/client";
import { unwrap } from "../requests/errors";
import { lastOfReport, queryKeys } from "../cache/queryKeys";
import { fetchReport, useProjectQuery } from "../cache/useProjectQuery";

/** That an event was never sent changes rarely, in milliseconds. */
const RECEIVED_STALE_MS = 300_000;

/** Those of the wanted events that a project has received and nobody has hidden. */
export function useReceivedEvents(projectId: number, wanted: readonly string[]): readonly string[] {
  const { data } = useProjectQuery(projectId, "definitions/events", {});
  const items = data?.items ?? [];
  const listed = new Map(items.map(({ name, hidden }) => [name, !hidden]));
  // A project with more names than the list has is asked for each that may be rare.
  const unlisted = items.length >= MAX_EVENT_NAMES ? wanted.filter((name) => !listed.has(name)) : [];
  const rare = useQueries({
    queries: unlisted.map((name) => ({
      queryKey: queryKeys.analytics(projectId, "definitions/catalog-entry", { name }),
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchReport(projectId, "definitions/catalog-entry", { name }, signal),
      staleTime: RECEIVED_STALE_MS,
    })),
  });
  const isReceived = (name: string) => listed.get(name) ?? rare[unlisted.indexOf(name)]?.data?.hidden === false;
  return wanted.filter(isReceived);
}

/** An event to choose, with its description and how often it was sent. */
export type EventOption = Pick<Report<"definitions/events">["items"][number], "name" | "events" | "description">;

const TYPING_MS = 200;
const MAX_FOUND = 50;

/** The events to choose from while somebody searches them: of a project with thousands of names, the rare ones too. */
export function useEventOptions(projectId: number, typed: string): readonly EventOption[] {
  const { data } = useProjectQuery(projectId, "definitions/events", {});
  const [search] = useDebouncedValue(typed.trim(), TYPING_MS);
  const hasMore = (data?.items.length ?? 0) >= MAX_EVENT_NAMES;
  const query = { search, limit: MAX_FOUND };
  const found = useQuery({
    queryKey: queryKeys.analytics(projectId, "definitions/catalog", "options", query),
    queryFn: ({ signal }) => fetchReport(projectId, "definitions/catalog", query, signal),
    enabled: hasMore && search !== "",
  });
  const listed = data?.items.filter(({ hidden }) => !hidden) ?? [];
  const names = new Set(data?.items.map(({ name }) => name));
  return [...listed, ...(found.data?.items ?? []).filter(({ name, status }) => status !== "hidden" && !names.has(name))];
}

/** Values of a property to choose from, most frequent first: those that contain what somebody types. */
export function usePropertyValues(projectId: number, { name, scope, typed }: { name: string; scope: FilterScope; typed: string }) {
  const [search] = useDebouncedValue(typed.trim(), TYPING_MS);
  const query = { scope: scope === "person" || scope === "session" ? scope : ("event" as const), search, limit: MAX_FOUND };
  const queryKey = queryKeys.analytics(projectId, "properties/values", name, query);
  return (
    useQuery({
      queryKey,
      queryFn: ({ signal }) =>
        unwrap(
          queryApi.GET("/api/v1/analytics/{project_id}/properties/{name}/values", {
            params: { path: { project_id: projectId, name }, query },
            signal,
          }),
        ),
      enabled: name !== "" && scope !== "cohort" && scope !== "segment",
      placeholderData: lastOfReport(queryKey),
      retry: false,
    }).data?.items ?? []
  );
}

/** The names of the properties that a project's events have and nobody has hidden, most frequent first. */
export function usePropertyNames(projectId: number): string[] {
  const { data } = useProjectQuery(projectId, "definitions/properties", {});
  return data?.items.filter(({ hidden }) => !hidden).map(({ name }) => name) ?? [];
}
