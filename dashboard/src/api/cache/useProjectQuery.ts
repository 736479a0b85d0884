import { useQuery, type Query } from "@tanstack/react-query";
import { reportApi, type AnyReportPath, type Report, type ReportPath, type ReportQuery } from "../requests/client";
import { isRefused, isTimeout, unwrap } from "../requests/errors";
import { lastOfReport, queryKeys } from "./queryKeys";

/** How often a live page fetches again, in milliseconds. */
export const REFRESH_MS = 5_000;
/** The same while the server fails: it may be overloaded. */
const REFRESH_AFTER_FAILURE_MS = 15_000;

/**
 * Fetch a report of a project.
 *
 * With other parameters the last result stays until the next one is there, but never that of
 * another project. `everyMs`: fetch again after this time, while the page is visible.
 */
export function useProjectQuery<Path extends ReportPath>(projectId: number, path: Path, query: ReportQuery<Path>, everyMs: number | null = null) {
  const queryKey = queryKeys.analytics(projectId, path, query);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => fetchReport(projectId, path, query, signal),
    placeholderData: lastOfReport(queryKey),
    enabled: Number.isSafeInteger(projectId),
    ...refresh(everyMs !== null, everyMs ?? REFRESH_MS),
  });
}

/** Fetch a report of a project once. */
export async function fetchReport<Path extends ReportPath>(
  projectId: number,
  path: Path,
  query: ReportQuery<Path>,
  signal: AbortSignal,
): Promise<Report<Path>> {
  const url: AnyReportPath = `/api/v1/analytics/{project_id}/${path}`;
  const params = { path: { project_id: projectId }, query };
  return (await unwrap(reportApi.GET(url, { params, signal }))) as Report<Path>;
}

/** Options of a query that fetches again every few seconds while `live`. */
export function refresh(live: boolean, milliseconds = REFRESH_MS) {
  return {
    refetchInterval: (query: Pick<Query, "state">) => {
      if (!live) return false;
      return query.state.fetchFailureCount > 0 || query.state.status === "error" ? Math.max(REFRESH_AFTER_FAILURE_MS, milliseconds) : milliseconds;
    },
    staleTime: 0,
    retry: (failures: number, error: unknown) => failures < 1 && !isRefused(error) && !isTimeout(error),
  };
}
