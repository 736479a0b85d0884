import { useInfiniteQuery } from "@tanstack/react-query";
import { queryApi, type Report, type ReportQuery } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { paths } from "../query.gen";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";
import { fetchReport, REFRESH_MS, useProjectQuery } from "../cache/useProjectQuery";

export type EventQuery = NonNullable<paths["/api/events/"]["get"]["parameters"]["query"]>;
export type CatalogEntry = Report<"definitions/catalog">["items"][number];
export type CatalogQuery = ReportQuery<"definitions/catalog">;
export type Definition = paths["/api/v1/analytics/{project_id}/definitions/{kind}/{name}"]["put"]["requestBody"]["content"]["application/json"];

const PAGE_SIZE = 50;
const FIRST_PAGE = null as string | null;

/** Events, newest first; the first page again every few seconds while it is the only one. */
export function useEventStream(projectId: number, query: EventQuery) {
  return useInfiniteQuery({
    queryKey: queryKeys.analytics(projectId, "events", query),
    queryFn: ({ pageParam, signal }) => {
      const page = pageParam === null ? {} : { cursor: pageParam };
      return unwrap(queryApi.GET("/api/events/", { params: { query: { ...query, ...page, project_id: projectId, limit: PAGE_SIZE } }, signal }));
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => (state.status !== "error" && state.data?.pages.length === 1 ? REFRESH_MS : false),
  });
}

/** The names of a project's events, page by page. */
export function useCatalog(projectId: number, query: CatalogQuery) {
  return useInfiniteQuery({
    queryKey: queryKeys.analytics(projectId, "definitions/catalog", query),
    queryFn: ({ pageParam, signal }) => {
      const page = pageParam === null ? {} : { cursor: pageParam };
      return fetchReport(projectId, "definitions/catalog", { ...query, ...page, limit: PAGE_SIZE }, signal);
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Everything that is known of an event name. */
export function useCatalogEntry(projectId: number, name: string) {
  return useProjectQuery(projectId, "definitions/catalog-entry", { name });
}

/** Document an event name. */
export function useDescribeEvent(projectId: number, name: string) {
  return useApiMutation(
    (changes: Partial<Definition>) =>
      unwrap(
        queryApi.PUT("/api/v1/analytics/{project_id}/definitions/{kind}/{name}", {
          params: { path: { project_id: projectId, kind: "event", name } },
          body: changes,
        }),
      ),
    {
      invalidates: [
        queryKeys.analytics(projectId, "definitions/catalog"),
        queryKeys.analytics(projectId, "definitions/catalog-entry"),
        queryKeys.analytics(projectId, "definitions/events"),
      ],
    },
  );
}
