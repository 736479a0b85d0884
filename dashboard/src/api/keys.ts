import { useQuery } from "@tanstack/react-query";
import { useApiMutation } from "./useApiMutation";
import { authApi, type KeyKind, type NewKey } from "./client";
import { unwrap } from "./errors";
import { PROJECTS } from "./projects";

function keysOf(projectId: number) {
  return [...PROJECTS, projectId, "keys"] as const;
}

/** The keys of a project that work now; for members. */
export function useKeys(projectId: number, enabled: boolean) {
  return useQuery({
    queryKey: keysOf(projectId),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId } };
      return (await unwrap(authApi.GET("/api/v1/projects/{project_id}/keys", { params, signal }))).items;
    },
    enabled,
  });
}

/** One more key. The answer to a secret one is the only one that shows it. */
export function useCreateKey(projectId: number, done: (made: NewKey) => void) {
  return useApiMutation(
    (wanted: { kind: KeyKind; name: string }) =>
      unwrap(
        authApi.POST("/api/v1/projects/{project_id}/keys", {
          params: { path: { project_id: projectId } },
          body: wanted,
        }),
      ),
    { invalidates: [PROJECTS], done, showsOnce: true },
  );
}

/** Replace a key; the old one works on for the grace period, in hours. */
export function useReplaceKey(projectId: number, keyId: number, done: (made: NewKey) => void) {
  return useApiMutation(
    (graceHours: number) =>
      unwrap(
        authApi.POST("/api/v1/projects/{project_id}/keys/{key_id}/rotate", {
          params: { path: { project_id: projectId, key_id: keyId } },
          body: { grace_hours: graceHours },
        }),
      ),
    { invalidates: [PROJECTS], done, showsOnce: true },
  );
}

/** End a key at once. */
export function useRevokeKey(projectId: number, keyId: number) {
  return useApiMutation(
    () =>
      unwrap(
        authApi.DELETE("/api/v1/projects/{project_id}/keys/{key_id}", {
          params: { path: { project_id: projectId, key_id: keyId } },
        }),
      ),
    { invalidates: [PROJECTS] },
  );
}
