import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { authApi, type KeyKind, type Project } from "./client";
import { content } from "./errors";

const PROJECTS = ["projects"] as const;
const PAGE = 200;

/** All projects that the account is a member of, page after page. */
async function allProjects(signal: AbortSignal): Promise<Project[]> {
  const found: Project[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = cursor ? { limit: PAGE, cursor } : { limit: PAGE };
    const page = await content(authApi.GET("/api/v1/projects/", { params: { query }, signal }));
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

export function useProjects() {
  return useQuery({ queryKey: PROJECTS, queryFn: ({ signal }) => allProjects(signal) });
}

/** One project; not asked for when the number cannot be a project's. */
export function useProject(projectId: number) {
  return useQuery({
    queryKey: [...PROJECTS, projectId],
    queryFn: ({ signal }) =>
      content(authApi.GET("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } }, signal })),
    enabled: Number.isSafeInteger(projectId),
  });
}

/** Make a project. The answer holds its secret key, which is kept nowhere else. */
export function useCreateProject() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (project: { name: string; timezone: string }) =>
      content(authApi.POST("/api/v1/projects/", { body: project })),
    onSuccess: () => client.invalidateQueries({ queryKey: PROJECTS }),
    gcTime: 0,
  });
}

/** Replace a key. The answer to a new secret key is the only one that shows it. */
export function useRotateKey(projectId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (kind: KeyKind) =>
      content(
        authApi.POST("/api/v1/projects/{project_id}/rotate-key", {
          params: { path: { project_id: projectId } },
          body: { kind, grace_hours: 0 },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: PROJECTS }),
    gcTime: 0,
  });
}
