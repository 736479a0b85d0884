import { useQuery } from "@tanstack/react-query";
import { queryApi } from "./client";
import { unwrap } from "./errors";
import { queryKeys } from "./queryKeys";
import { fetchReport } from "./useProjectQuery";

const LOOK_MS = 10_000;
const PROBLEMS_MS = 60_000;

/** How many things about a project's data of the last day need attention; 0 while that is unknown. */
export function useHealthProblems(projectId: number): number {
  const { data } = useQuery({
    queryKey: queryKeys.analytics(projectId, "health-problems"),
    queryFn: async ({ signal }) => (await fetchReport(projectId, "health", { period: "24h" }, signal)).problems.length,
    refetchInterval: PROBLEMS_MS,
    staleTime: PROBLEMS_MS,
    retry: false,
  });
  return data ?? 0;
}

/** How many seconds the stored events are behind the received ones; 0 while that is unknown. */
export function useStoringDelay(): number {
  const { data } = useQuery({
    queryKey: queryKeys.health,
    queryFn: ({ signal }) => unwrap(queryApi.GET("/api/v1/health/", { signal })),
    refetchInterval: LOOK_MS,
    staleTime: 0,
    retry: false,
  });
  return data?.stream["oldest_seconds"] ?? 0;
}
