import { useQuery } from "@tanstack/react-query";
import { queryKeys } from "./queryKeys";
import { fetchReport } from "./useProjectQuery";

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
