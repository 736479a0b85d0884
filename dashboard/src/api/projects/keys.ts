import { useQuery } from "@tanstack/react-query";
import { authApi, type KeyKind, type NewKey } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

/** The valid keys of a project; for members. */
export function useKeys(projectId: number, enabled: boolean) {
  return useQuery({
    queryKey: queryKeys.projects.keys(projectId),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId } };
      return (await unwrap(authApi.GET("/api/v1/projects/{project_id}/keys", { params, signal }))).items;
    },
    enabled,
  });
}

/** Create a key. Only this response has a secret key's text. */
export function useCreateKey(projectId: number, onCreated: (key: NewKey) => void) {
  return useApiMutation(
    (fields: { kind: KeyKind; name: string }) =>
      unwrap(
        authApi.POST("/api/v1/projects/{project_id}/keys", {
          params: { path: { project_id: projectId } },
          body: fields,
        }),
      ),
    { invalidates: [queryKeys.projects.all], onDone: onCreated, showsOnce: true },
  );
}

/** Replace a key; the old one keeps working for the grace period, in hours. */
export function useReplaceKey(projectId: number, keyId: number, onCreated: (key: NewKey) => void) {
  return useApiMutation(
    (graceHours: number) =>
      unwrap(
        authApi.POST("/api/v1/projects/{project_id}/keys/{key_id}/rotate", {
          params: { path: { project_id: projectId, key_id: keyId } },
          body: { grace_hours: graceHours },
        }),
      ),
    { invalidates: [queryKeys.projects.all], onDone: onCreated, showsOnce: true },
  );
}

/** Revoke a key immediately. */
export function useRevokeKey(projectId: number, keyId: number) {
  return useApiMutation(
    () =>
      unwrap(
        authApi.DELETE("/api/v1/projects/{project_id}/keys/{key_id}", {
          params: { path: { project_id: projectId, key_id: keyId } },
        }),
      ),
    { invalidates: [queryKeys.projects.all] },
  );
}
