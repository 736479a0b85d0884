import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useApiMutation } from "./useApiMutation";
import {
  authApi,
  type NewProject,
  type Project,
  type ProjectChanges,
  type ProjectSettings,
} from "./client";
import { unwrap } from "./errors";

export const PROJECTS = ["projects"] as const;
const PAGE = 200;
/** How often the deletion of a project is looked at while it runs, in milliseconds. */
const DELETION_MS = 2_000;

/** All projects that the account is a member of, page after page. */
async function allProjects(deleted: boolean, signal: AbortSignal): Promise<Project[]> {
  const found: Project[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; deleted?: boolean; cursor?: string } = { limit: PAGE };
    if (deleted) query.deleted = true;
    if (cursor) query.cursor = cursor;
    const page = await unwrap(authApi.GET("/api/v1/projects/", { params: { query }, signal }));
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

export function useProjects() {
  return useQuery({ queryKey: PROJECTS, queryFn: ({ signal }) => allProjects(false, signal) });
}

/** Those that were deleted and are not gone yet. */
export function useDeletedProjects() {
  return useQuery({ queryKey: [...PROJECTS, "deleted"], queryFn: ({ signal }) => allProjects(true, signal) });
}

/** One project; not asked for when the number cannot be a project's. */
export function useProject(projectId: number) {
  return useQuery({
    queryKey: [...PROJECTS, projectId],
    queryFn: ({ signal }) =>
      unwrap(authApi.GET("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } }, signal })),
    enabled: Number.isSafeInteger(projectId),
  });
}

/** Make a project. The answer holds its secret key, which is kept nowhere else. */
export function useCreateProject(done: (made: NewProject) => void) {
  return useApiMutation(
    (project: { name: string; timezone: string }) => unwrap(authApi.POST("/api/v1/projects/", { body: project })),
    { invalidates: [PROJECTS], done, showsOnce: true },
  );
}

export function useChangeProject(projectId: number) {
  const client = useQueryClient();
  return useApiMutation(
    (changes: ProjectChanges) =>
      unwrap(
        authApi.PATCH("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } }, body: changes }),
      ),
    {
      invalidates: [PROJECTS],
      done: (changed) => {
        client.setQueryData([...PROJECTS, projectId], changed);
      },
    },
  );
}

function settingsOf(projectId: number) {
  return [...PROJECTS, projectId, "settings"] as const;
}

/** How a project treats its events. */
export function useSettings(projectId: number) {
  return useQuery({
    queryKey: settingsOf(projectId),
    queryFn: async ({ signal }) =>
      (await unwrap(
        authApi.GET("/api/v1/projects/{project_id}/settings", { params: { path: { project_id: projectId } }, signal }),
      )) as ProjectSettings,
  });
}

export function useChangeSettings(projectId: number) {
  const client = useQueryClient();
  return useApiMutation(
    (changes: Partial<ProjectSettings>) =>
      unwrap(
        authApi.PATCH("/api/v1/projects/{project_id}/settings", {
          params: { path: { project_id: projectId } },
          body: changes,
        }),
      ),
    {
      invalidates: [PROJECTS],
      done: (changed) => {
        client.setQueryData(settingsOf(projectId), changed);
      },
    },
  );
}

/** Delete a project: out of sight at once, its data 7 days later. */
export function useDeleteProject(projectId: number) {
  return useApiMutation(
    () =>
      unwrap(authApi.DELETE("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } } })),
    { invalidates: [PROJECTS] },
  );
}

/** How far the deletion of a project is; for its owners. */
export function useDeletion(project: Project) {
  return useQuery({
    queryKey: [...PROJECTS, project.id, "deletion"],
    queryFn: ({ signal }) =>
      unwrap(
        authApi.GET("/api/v1/projects/{project_id}/deletion", { params: { path: { project_id: project.id } }, signal }),
      ),
    enabled: project.role === "owner",
    refetchInterval: (query) => (query.state.data?.started_at && !query.state.data.finished_at ? DELETION_MS : false),
  });
}

/** Take a deletion back. */
export function useRestoreProject(projectId: number) {
  return useApiMutation(
    () =>
      unwrap(authApi.POST("/api/v1/projects/{project_id}/restore", { params: { path: { project_id: projectId } } })),
    { invalidates: [PROJECTS] },
  );
}
