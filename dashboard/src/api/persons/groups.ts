import { useInfiniteQuery } from "@tanstack/react-query";
import type { Report, ReportQuery } from "../requests/client";
import { lastOfReport, queryKeys } from "../cache/queryKeys";
import { fetchReport, useProjectQuery } from "../cache/useProjectQuery";

export type GroupSummary = Report<"groups/">["items"][number];
export type Group = Report<"groups/one">;

const PAGE_SIZE = 50;

/** The types of a project's groups, such as company, the largest first. */
export function useGroupTypes(projectId: number) {
  return useProjectQuery(projectId, "groups/types", {});
}

/** The groups of a type by key, page by page. */
export function useGroups(projectId: number, groupType: string, search: string) {
  const query = { group_type: groupType, ...(search ? { search } : {}) };
  const queryKey = queryKeys.analytics(projectId, "groups/", query);
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => {
      const page = pageParam === null ? {} : { cursor: pageParam };
      return fetchReport(projectId, "groups/", { ...query, ...page, limit: PAGE_SIZE }, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: lastOfReport(queryKey),
  });
}

/** A group, and what was done for it in a range. */
export function useGroup(projectId: number, query: ReportQuery<"groups/one">) {
  return useProjectQuery(projectId, "groups/one", query);
}
