import { useQuery } from "@tanstack/react-query";
import { queryKeys } from "../cache/queryKeys";
import { fetchReport, refresh } from "../cache/useProjectQuery";

const CHECK_MS = 2_000;

/** The latest events and the refusals of the last hour, again every two seconds. */
export function useInstallCheck(projectId: number) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "install-check"),
    queryFn: ({ signal }) => fetchReport(projectId, "install-check", {}, signal),
    ...refresh(true),
    refetchInterval: (query) => (query.state.status === "error" ? 5 * CHECK_MS : CHECK_MS),
  });
}
