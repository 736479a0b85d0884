import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages } from "../cache/allPages";
import { authApi, type NewProject, type Project, type ProjectChanges, type ProjectSettings } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

const PAGE_SIZE = 200;
/** How old a list of projects may be to find one in it, in milliseconds. */
const SHARED_MS = 5_000;
/** How often the progress of a running deletion is fetched, in milliseconds. */
const DELETION_MS = 2_000;

function allProjects(deleted: boolean, signal: AbortSignal): Promise<Project[]> {
  return allPages(PAGE_SIZE, (page) => {
    const query = deleted ? { ...page, deleted } : page;
    return unwrap(authApi.GET("/api/v1/projects/", { params: { query }, signal }));
  });
}

const ALL_PROJECTS = queryOptions({ queryKey: queryKeys.projects.all, queryFn: ({ signal }) => allProjects(false, signal) });

/** The projects that the account is a member of. */
export function useProjects() {
  return useQuery(ALL_PROJECTS);
}

/** Deleted projects whose data is not gone yet. */
export function useDeletedProjects() {
  return useQuery({ queryKey: queryKeys.projects.deleted, queryFn: ({ signal }) => allProjects(true, signal) });
}

/**
 * One project, from the list of all, which the navigation needs too; fetched if it is not among them.
 *
 * Nothing is fetched when the number cannot be a project's.
 */
export function useProject(projectId: number) {
  const client = useQueryClient();
  return useQuery({
    queryKey: queryKeys.projects.one(projectId),
    queryFn: async ({ signal }): Promise<Project> => {
      const known = await client.query({ ...ALL_PROJECTS, staleTime: SHARED_MS });
      const params = { path: { project_id: projectId } };
      return known.find(({ id }) => id === projectId) ?? unwrap(authApi.GET("/api/v1/projects/{project_id}", { params, signal }));
    },
    enabled: Number.isSafeInteger(projectId),
  });
}

/** Create a project. Only this response has its secret key. */
export function useCreateProject(onCreated: (project: NewProject) => void) {
  return useApiMutation(
    (fields: { name: string; timezone: string }) =>
      unwrap(authApi.POST("/api/v1/projects/", { body: { domain: null, is_sample: false, ...fields } })),
    { invalidates: [queryKeys.projects.all], onDone: onCreated, showsOnce: true },
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
      invalidates: [queryKeys.projects.all],
      onDone: (changed) => {
        client.setQueryData(queryKeys.projects.one(projectId), changed);
      },
    },
  );
}

/** How a project treats its events. */
export function useSettings(projectId: number) {
  return useQuery({
    queryKey: queryKeys.projects.settings(projectId),
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
      invalidates: [queryKeys.projects.all],
      onDone: (changed) => {
        client.setQueryData(queryKeys.projects.settings(projectId), changed);
      },
    },
  );
}

/** Delete a project: it disappears at once, its data 7 days later. */
export function useDeleteProject(projectId: number) {
  return useApiMutation(
    () => unwrap(authApi.DELETE("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } } })),
    { invalidates: [queryKeys.projects.all] },
  );
}

/** The progress of a project's deletion; for its owners. */
export function useDeletion(project: Project) {
  return useQuery({
    queryKey: queryKeys.projects.deletion(project.id),
    queryFn: ({ signal }) =>
      unwrap(
        authApi.GET("/api/v1/projects/{project_id}/deletion", { params: { path: { project_id: project.id } }, signal }),
      ),
    enabled: project.role === "owner",
    refetchInterval: (query) => (query.state.data?.started_at && !query.state.data.finished_at ? DELETION_MS : false),
  });
}

/** Undo a deletion. */
export function useRestoreProject(projectId: number) {
  return useApiMutation(
    () => unwrap(authApi.POST("/api/v1/projects/{project_id}/restore", { params: { path: { project_id: projectId } } })),
    { invalidates: [queryKeys.projects.all] },
  );
}
