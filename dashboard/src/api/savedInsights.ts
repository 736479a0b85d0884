import { useQuery } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { queryApi, reportApi } from "./client";
import { unwrap } from "./errors";
import type { InsightKind } from "./insights";
import { queryKeys } from "./queryKeys";
import { useApiMutation } from "./useApiMutation";

const PAGE_SIZE = 100;
const PATH = "/api/v1/analytics/{project_id}/saved-insights/";

/** A query that is saved for every member of the project. */
export interface SavedInsight {
  id: number;
  name: string;
  description: string;
  kind: string;
  query: Record<string, unknown>;
}

interface Page {
  items: SavedInsight[];
  next_cursor: string | null;
}

export function useSavedInsights(projectId: number) {
  return useQuery({
    queryKey: queryKeys.savedInsights(projectId),
    queryFn: ({ signal }) =>
      allPages(PAGE_SIZE, async (query) => {
        const params = { path: { project_id: projectId }, query };
        return (await unwrap(reportApi.GET(PATH, { params, signal }))) as Page;
      }),
  });
}

/** What is saved of an insight. */
export interface InsightFields {
  name: string;
  kind: InsightKind;
  query: Record<string, unknown>;
}

export function useSaveInsight(projectId: number) {
  return useApiMutation(
    async (fields: InsightFields) =>
      (await unwrap(reportApi.POST(PATH, { params: { path: { project_id: projectId } }, body: fields }))) as SavedInsight,
    { invalidates: [queryKeys.savedInsights(projectId)] },
  );
}

export function useChangeSavedInsight(projectId: number, id: number) {
  return useApiMutation(
    (changes: Partial<InsightFields>) =>
      unwrap(
        queryApi.PATCH(`${PATH}{key}`, { params: { path: { project_id: projectId, key: String(id) } }, body: changes }),
      ),
    { invalidates: [queryKeys.savedInsights(projectId)] },
  );
}

export function useDeleteSavedInsight(projectId: number, id: number) {
  return useApiMutation(
    () => unwrap(queryApi.DELETE(`${PATH}{key}`, { params: { path: { project_id: projectId, key: String(id) } } })),
    { invalidates: [queryKeys.savedInsights(projectId)] },
  );
}
