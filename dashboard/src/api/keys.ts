import { useQuery } from "@tanstack/react-query";
import { useChange } from "./changes";
import { authApi, type KeyKind, type NewKey } from "./client";
import { content } from "./errors";
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
      return (await content(authApi.GET("/api/v1/projects/{project_id}/keys", { params, signal }))).items;
    },
    enabled,
  });
}

/** One more key. The answer to a secret one is the only one that shows it. */
export function useCreateKey(projectId: number, done: (made: NewKey) => void) {
  return useChange(
    (wanted: { kind: KeyKind; name: string }) =>
      content(
        authApi.POST("/api/v1/projects/{project_id}/keys", {
          params: { path: { project_id: projectId } },
          body: wanted,
        }),
      ),
    { outdated: [PROJECTS], done, showsOnce: true },
  );
}

/** Replace a key; the old one works on for the grace period, in hours. */
export function useReplaceKey(projectId: number, keyId: number, done: (made: NewKey) => void) {
  return useChange(
    (graceHours: number) =>
      content(
        authApi.POST("/api/v1/projects/{project_id}/keys/{key_id}/rotate", {
          params: { path: { project_id: projectId, key_id: keyId } },
          body: { grace_hours: graceHours },
        }),
      ),
    { outdated: [PROJECTS], done, showsOnce: true },
  );
}

/** End a key at once. */
export function useRevokeKey(projectId: number, keyId: number) {
  return useChange(
    () =>
      content(
        authApi.DELETE("/api/v1/projects/{project_id}/keys/{key_id}", {
          params: { path: { project_id: projectId, key_id: keyId } },
        }),
      ),
    { outdated: [PROJECTS] },
  );
}
