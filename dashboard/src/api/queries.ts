import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, authApi, content, queryApi, type Period } from "./client";

/** How often an open overview asks again, in milliseconds. */
export const REFRESH_MS = 5_000;

/** The browser's time zone is the best guess for a new project. */
const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A client that tries again where that can help: not when the server said no. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) =>
          failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      },
    },
  });
}

export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: () => content(authApi.GET("/api/v1/auth/me")), staleTime: 60_000 });
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: { email: string; password: string }) =>
      content(authApi.POST("/api/v1/auth/login", { body: credentials })),
    onSuccess: ({ user }) => {
      client.setQueryData(["me"], user);
    },
  });
}

export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => content(authApi.POST("/api/v1/auth/logout")),
    onSettled: () => {
      client.clear();
    },
  });
}

export function useProjects() {
  return useQuery({
    queryKey: ["projects"],
    queryFn: () => content(authApi.GET("/api/v1/projects/", { params: { query: { limit: 200 } } })),
  });
}

export function useProject(projectId: number) {
  return useQuery({
    queryKey: ["projects", projectId],
    queryFn: () =>
      content(authApi.GET("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } } })),
  });
}

export function useCreateProject() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      content(authApi.POST("/api/v1/projects/", { body: { name, timezone: browserZone() } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["projects"] }),
  });
}

export function useRotateKey(projectId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (kind: "public" | "secret") =>
      content(
        authApi.POST("/api/v1/projects/{project_id}/rotate-key", {
          params: { path: { project_id: projectId } },
          body: { kind },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["projects"] }),
  });
}

interface Live {
  /** Ask again every few seconds. */
  live: boolean;
}

const refreshing = ({ live }: Live) => ({
  refetchInterval: live ? REFRESH_MS : (false as const),
  placeholderData: keepPreviousData,
  staleTime: 0,
});

export function useOverview(projectId: number, period: Period, live: Live) {
  return useQuery({
    queryKey: ["overview", projectId, period],
    queryFn: () =>
      content(
        queryApi.GET("/api/v1/analytics/{project_id}/overview", {
          params: { path: { project_id: projectId }, query: { period } },
        }),
      ),
    ...refreshing(live),
  });
}

export function useTimeseries(projectId: number, period: Period, split: boolean, live: Live) {
  return useQuery({
    queryKey: ["timeseries", projectId, period, split],
    queryFn: () =>
      content(
        queryApi.GET("/api/v1/analytics/{project_id}/timeseries", {
          params: {
            path: { project_id: projectId },
            query: split ? { period, split: "event_name" } : { period },
          },
        }),
      ),
    ...refreshing(live),
  });
}

export function useTopEvents(projectId: number, period: Period, live: Live) {
  return useQuery({
    queryKey: ["top-events", projectId, period],
    queryFn: () =>
      content(
        queryApi.GET("/api/v1/analytics/{project_id}/top-events", {
          params: { path: { project_id: projectId }, query: { period, limit: 10 } },
        }),
      ),
    ...refreshing(live),
  });
}

export function useRecentEvents(projectId: number, eventName: string | null, live: Live) {
  return useQuery({
    queryKey: ["recent-events", projectId, eventName],
    queryFn: () =>
      content(
        queryApi.GET("/api/events/", {
          params: { query: { project_id: projectId, limit: 50, ...(eventName ? { event_name: eventName } : {}) } },
        }),
      ),
    ...refreshing(live),
  });
}
