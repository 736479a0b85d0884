import { useQuery } from "@tanstack/react-query";
import { useApiMutation } from "./useApiMutation";
import { authApi, type SourceFields } from "./client";
import { unwrap } from "./errors";
import { PROJECTS } from "./projects";

function sourcesOf(projectId: number) {
  return [...PROJECTS, projectId, "sources"] as const;
}

/** What was decided about single sources, by name. */
export function useSources(projectId: number) {
  return useQuery({
    queryKey: sourcesOf(projectId),
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
    { invalidates: [sourcesOf(projectId)] },
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
    { invalidates: [sourcesOf(projectId)] },
  );
}

/** Forget what was decided about a source; its events stay. */
export function useDeleteSource(projectId: number, sourceId: number) {
  return useApiMutation(
    () =>
      unwrap(
        authApi.DELETE("/api/v1/projects/{project_id}/sources/{source_id}", {
          params: { path: { project_id: projectId, source_id: sourceId } },
        }),
      ),
    { invalidates: [sourcesOf(projectId)] },
  );
}
