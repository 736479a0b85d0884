import { useQuery } from "@tanstack/react-query";
import type { components } from "../auth.gen";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";
import { authApi } from "../requests/client";
import { unwrap } from "../requests/errors";

/** What a copy changes of the other project's flags. */
export type FlagChangesOfCopy = components["schemas"]["FlagChangesResponse"];

/** Which flag is copied from where to where. */
export interface FlagCopy {
  fromProjectId: number;
  key: string;
  toProjectId: number;
  /** Whether the other project decides itself if the flag is on, for how many, and when. */
  keepsRollout: boolean;
}

/** Find out what a copy would change; null: nothing is chosen yet. Asked again each time. */
export function useFlagCopyPreview(copy: FlagCopy | null) {
  return useQuery({
    queryKey: [...queryKeys.projects.flags(copy?.toProjectId ?? 0), "copy", copy],
    enabled: copy !== null,
    queryFn: ({ signal }) => send(copy as FlagCopy, true, signal),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
}

/** Give another project a flag of this one. */
export function useCopyFlag(toProjectId: number) {
  return useApiMutation((copy: FlagCopy) => send(copy, false), {
    invalidates: [queryKeys.projects.flags(toProjectId), queryKeys.projects.allFlagHistories(toProjectId)],
  });
}

function send({ fromProjectId, key, toProjectId, keepsRollout }: FlagCopy, isDryRun: boolean, signal?: AbortSignal): Promise<FlagChangesOfCopy> {
  return unwrap(
    authApi.POST("/api/v1/projects/{project_id}/feature-flags/copy", {
      params: { path: { project_id: toProjectId } },
      body: { from_project_id: fromProjectId, keys: [key], keep_rollout: keepsRollout, dry_run: isDryRun },
      ...(signal ? { signal } : {}),
    }),
  );
}
