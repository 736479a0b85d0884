import { useQuery } from "@tanstack/react-query";
import { queryApi } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { fetchReport } from "../cache/useProjectQuery";

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

const STORING_MS = 10_000;
/** Events are usually stored within a second or two; what is older than this in seconds is behind. */
export const MAX_USUAL_SECONDS = 3;

/** The services that every page depends on. */
const NEEDED = ["auth", "ingest", "processor"];
const OK = "ok";

/** Whether received events are being stored: how far that is behind, in seconds, and which services do not answer. */
export function useStoring(isWanted: boolean): { secondsBehind: number; broken: string[] } {
  const { data } = useQuery({
    queryKey: queryKeys.health,
    queryFn: ({ signal }) => unwrap(queryApi.GET("/api/v1/health/", { signal })),
    enabled: isWanted,
    refetchInterval: STORING_MS,
    staleTime: STORING_MS,
    retry: false,
  });
  const broken = NEEDED.filter((service) => (data?.services[service] ?? OK) !== OK);
  return { secondsBehind: data?.stream["oldest_seconds"] ?? 0, broken };
}
