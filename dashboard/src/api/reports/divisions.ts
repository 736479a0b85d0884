import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { queryApi, type JsonOf, type Report } from "../requests/client";
import { unwrap } from "../requests/errors";
import { useVisitorsOnline } from "../events/liveVisitors";
import type { paths } from "../query.gen";
import { lastOfReport, queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

const ONLINE_MS = 10_000;
const PAGE_SIZE = 100;
const FIRST_PAGE = null as string | null;
const DIVISIONS = "/api/v1/analytics/{project_id}/divisions/";
const COMMUNITIES = "/api/v1/analytics/{project_id}/communities/";

export type Division = Report<"divisions/">["items"][number];
export type Community = Report<"communities/">["items"][number];
export type VisitorTrends = JsonOf<paths["/api/analytics/trends/"]["get"]>;
/** What a person enters of a division; its id stays as it was first entered. */
export type DivisionFields = Pick<Division, "id" | "name" | "kind" | "parent_id" | "country" | "region">;
export type CommunityFields = Pick<Community, "id" | "name" | "slug" | "division_id">;

/** Which visitors to count: local days of the project, both included, and one community or (null) all. */
export interface VisitorsOf {
  start: string;
  end: string;
  community: string | null;
  /** The period up to now whose growth is known; null: of other days it is not. */
  growth: "day" | "week" | "month" | null;
}

function parameters(projectId: number, { start, end, community }: Omit<VisitorsOf, "growth">) {
  return { project_id: projectId, start_date: start, end_date: end, ...(community === null ? {} : { community_id: community }) };
}

/** Everything that the page of visitors shows, fetched together, so that its parts are of the same days. */
export function useVisitors(projectId: number, of: VisitorsOf) {
  const queryKey = queryKeys.analytics(projectId, "division-visitors", of);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const query = parameters(projectId, of);
      const path = { project_id: projectId };
      const period = of.growth;
      const audience = of.community === null ? {} : { community_id: of.community };
      const [totals, growth, trends, divisions, origins, communities] = await Promise.all([
        unwrap(queryApi.GET("/api/analytics/visitors/", { params: { query }, signal })),
        period === null ? null : unwrap(queryApi.GET("/api/analytics/growth/", { params: { query: { ...path, ...audience, period } }, signal })),
        unwrap(queryApi.GET("/api/analytics/trends/", { params: { query: { ...query, interval: "day" } }, signal })),
        unwrap(queryApi.GET("/api/analytics/division-breakdown/", { params: { query }, signal })),
        unwrap(queryApi.GET("/api/analytics/demographics/", { params: { query }, signal })),
        unwrap(
          queryApi.GET("/api/v1/analytics/{project_id}/community-visitors/", { params: { path, query: { from: of.start, to: of.end } }, signal }),
        ),
      ]);
      return { of, totals, growth, trends, divisions, origins, communities: communities.items };
    },
    placeholderData: lastOfReport(queryKey),
  });
}

/**
 * How many visitors are online now: as they come and go, or asked now and then while the connection
 * is not open; null: neither works; undefined: not known yet.
 */
export function useOnline(projectId: number, community: string | null): number | null | undefined {
  const connected = useVisitorsOnline(projectId, community);
  const asked = useQuery({
    queryKey: queryKeys.analytics(projectId, "online-visitors", community),
    queryFn: ({ signal }) => {
      const query = { project_id: projectId, ...(community === null ? {} : { community_id: community }) };
      return unwrap(queryApi.GET("/api/analytics/realtime/", { params: { query }, signal }));
    },
    refetchInterval: ONLINE_MS,
    enabled: connected === null,
  });
  return connected ?? asked.data?.count ?? (asked.error ? null : undefined);
}

/** The address of the CSV file with the visitors by day. */
export function visitorsCsv(projectId: number, of: VisitorsOf): string {
  const query = Object.entries(parameters(projectId, of)).map(([name, value]) => [name, String(value)]);
  return `/api/analytics/export/?${new URLSearchParams(query).toString()}`;
}

/** The divisions of a project, page by page. */
export function useDivisions(projectId: number) {
  return useInfiniteQuery({
    queryKey: queryKeys.analytics(projectId, "divisions/"),
    queryFn: ({ pageParam, signal }) => unwrap(queryApi.GET(DIVISIONS, { params: pageOf(projectId, pageParam), signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** The communities of a project, page by page. */
export function useCommunities(projectId: number) {
  return useInfiniteQuery({
    queryKey: queryKeys.analytics(projectId, "communities/"),
    queryFn: ({ pageParam, signal }) => unwrap(queryApi.GET(COMMUNITIES, { params: pageOf(projectId, pageParam), signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
  });
}

function pageOf(projectId: number, cursor: string | null) {
  return { path: { project_id: projectId }, query: { limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) } };
}

/** Enter a division, or change one. */
export function useSaveDivision(projectId: number, id: string | null) {
  return useApiMutation(
    ({ id: newId, ...fields }: DivisionFields) =>
      id === null
        ? unwrap(queryApi.POST(DIVISIONS, { params: { path: { project_id: projectId } }, body: { id: newId, ...fields } }))
        : unwrap(queryApi.PATCH(`${DIVISIONS}{key}`, { params: { path: { project_id: projectId, key: id } }, body: fields })),
    { invalidates: [queryKeys.project(projectId)] },
  );
}

/** Enter a community, or change one. */
export function useSaveCommunity(projectId: number, id: string | null) {
  return useApiMutation(
    ({ id: newId, ...fields }: CommunityFields) =>
      id === null
        ? unwrap(queryApi.POST(COMMUNITIES, { params: { path: { project_id: projectId } }, body: { id: newId, ...fields } }))
        : unwrap(queryApi.PATCH(`${COMMUNITIES}{key}`, { params: { path: { project_id: projectId, key: id } }, body: fields })),
    { invalidates: [queryKeys.project(projectId)] },
  );
}

/** Delete a division; none may be inside it, and no community may belong to it. */
export function useDeleteDivision(projectId: number, id: string) {
  return useApiMutation(
    () => unwrap(queryApi.DELETE(`${DIVISIONS}{key}`, { params: { path: { project_id: projectId, key: id } } })),
    { invalidates: [queryKeys.project(projectId)] },
  );
}

/** Delete a community; its events are kept. */
export function useDeleteCommunity(projectId: number, id: string) {
  return useApiMutation(
    () => unwrap(queryApi.DELETE(`${COMMUNITIES}{key}`, { params: { path: { project_id: projectId, key: id } } })),
    { invalidates: [queryKeys.project(projectId)] },
  );
}
