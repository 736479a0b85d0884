import { useQuery } from "@tanstack/react-query";
import { useApiMutation } from "./useApiMutation";
import { queryApi } from "./client";
import { unwrap } from "./errors";
import type { Kind } from "./insights";

/** A question that is kept, for everybody in the project. */
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

const PAGE = 100;

// The document leaves these answers open.
function pageOf(projectId: number, query: { limit: number; cursor?: string }, signal: AbortSignal) {
  return unwrap(
    queryApi.GET("/api/v1/analytics/{project_id}/saved-insights/", {
      params: { path: { project_id: projectId }, query },
      signal,
    }),
  ) as Promise<unknown> as Promise<Page>;
}

function savedIn(projectId: number) {
  return ["saved-insights", projectId] as const;
}

/** All of them, page after page. */
export function useSavedInsights(projectId: number) {
  return useQuery({
    queryKey: savedIn(projectId),
    queryFn: async ({ signal }) => {
      const found: SavedInsight[] = [];
      let cursor: string | null = null;
      do {
        const query: { limit: number; cursor?: string } = { limit: PAGE };
        if (cursor !== null) query.cursor = cursor;
        const page = await pageOf(projectId, query, signal);
        found.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor !== null);
      return found;
    },
  });
}

export interface Keeping {
  name: string;
  kind: Kind;
  query: object;
}

export function useSaveInsight(projectId: number) {
  return useApiMutation(
    (kept: Keeping) =>
      unwrap(
        queryApi.POST("/api/v1/analytics/{project_id}/saved-insights/", {
          params: { path: { project_id: projectId } },
          body: kept as never,
        }),
      ) as Promise<unknown> as Promise<SavedInsight>,
    { invalidates: [savedIn(projectId)] },
  );
}

export function useChangeSavedInsight(projectId: number, id: number) {
  return useApiMutation(
    (changes: Partial<Keeping>) =>
      unwrap(
        queryApi.PATCH("/api/v1/analytics/{project_id}/saved-insights/{key}", {
          params: { path: { project_id: projectId, key: String(id) } },
          body: changes as never,
        }),
      ),
    { invalidates: [savedIn(projectId)] },
  );
}

export function useDeleteSavedInsight(projectId: number, id: number) {
  return useApiMutation(
    () =>
      unwrap(
        queryApi.DELETE("/api/v1/analytics/{project_id}/saved-insights/{key}", {
          params: { path: { project_id: projectId, key: String(id) } },
        }),
      ),
    { invalidates: [savedIn(projectId)] },
  );
}
