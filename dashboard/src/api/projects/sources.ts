import { useQuery } from "@tanstack/react-query";
import { authApi, type SourceFields } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

/** The sources that have a rule, by name. */
export function useSources(projectId: number) {
  return useQuery({
    queryKey: queryKeys.projects.sources(projectId),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId } };
      return (await unwrap(authApi.GET("/api/v1/projects/{project_id}/sources/", { params, signal }))).items;
    },
  });
}

export function useAddSource(projectId: number) {
  return useApiMutation(
    (source: SourceFields) =>
      unwrap(
        authApi.POST("/api/v1/projects/{project_id}/sources/", {
          params: { path: { project_id: projectId } },
          body: source,
        }),
      ),
    { invalidates: [queryKeys.projects.sources(projectId)] },
  );
}

export function useChangeSource(projectId: number, sourceId: number) {
  return useApiMutation(
    (changes: Partial<SourceFields>) =>
      unwrap(
        authApi.PATCH("/api/v1/projects/{project_id}/sources/{source_id}", {
          params: { path: { project_id: projectId, source_id: sourceId } },
          body: changes,
        }),
      ),
    { invalidates: [queryKeys.projects.sources(projectId)] },
  );
}

/** Delete the rule of a source; its events are kept. */
export function useDeleteSource(projectId: number, sourceId: number) {
  return useApiMutation(
    () =>
      unwrap(
        authApi.DELETE("/api/v1/projects/{project_id}/sources/{source_id}", {
          params: { path: { project_id: projectId, source_id: sourceId } },
        }),
      ),
    { invalidates: [queryKeys.projects.sources(projectId)] },
  );
}
