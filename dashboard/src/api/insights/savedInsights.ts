import { queryOptions, useQuery } from "@tanstack/react-query";
import { allPages } from "../cache/allPages";
import { queryApi, type SavedInsight } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { t } from "../../texts";
import { useOfferUndo, useWithoutDeleted } from "../cache/undo";
import { useApiMutation } from "../cache/useApiMutation";

const PAGE_SIZE = 100;
const PATH = "/api/v1/analytics/{project_id}/saved-insights/";

/** What an insight is saved with. */
export type InsightFields = Pick<SavedInsight, "name" | "description" | "kind" | "query" | "view">;

export const allSavedInsights = (projectId: number) =>
  queryOptions({
    queryKey: queryKeys.savedInsights(projectId),
    queryFn: ({ signal }) =>
      allPages(PAGE_SIZE, (query) =>
        unwrap(queryApi.GET(PATH, { params: { path: { project_id: projectId }, query }, signal })),
      ),
  });

/** The queries that are saved for every member of a project; not fetched when the number cannot be a project's. */
export function useSavedInsights(projectId: number) {
  return useQuery({
    ...allSavedInsights(projectId),
    select: useWithoutDeleted(queryKeys.savedInsights(projectId)),
    enabled: Number.isSafeInteger(projectId),
  });
}

export function useSaveInsight(projectId: number) {
  return useApiMutation(
    (fields: InsightFields) =>
      unwrap(queryApi.POST(PATH, { params: { path: { project_id: projectId } }, body: { is_favourite: false, ...fields } })),
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

/** Mark an insight as a favourite of the project, or no longer. */
export function useMarkFavourite(projectId: number) {
  return useApiMutation(
    ({ id, isFavourite }: { id: number; isFavourite: boolean }) =>
      unwrap(
        queryApi.PATCH(`${PATH}{key}`, {
          params: { path: { project_id: projectId, key: String(id) } },
          body: { is_favourite: isFavourite },
        }),
      ),
    { invalidates: [queryKeys.savedInsights(projectId)] },
  );
}

/** Delete an insight; a person can undo it for a while. Until then dashboards that show it keep it. */
export function useDeleteSavedInsight(projectId: number) {
  const offerUndo = useOfferUndo();
  return ({ id, name }: SavedInsight) => {
    const params = { path: { project_id: projectId, key: String(id) } };
    offerUndo({
      message: t.insights.deleted(name),
      hides: { list: queryKeys.savedInsights(projectId), id },
      send: () => unwrap(queryApi.DELETE(`${PATH}{key}`, { params, keepalive: true })),
      invalidates: [queryKeys.savedInsights(projectId)],
    });
  };
}
