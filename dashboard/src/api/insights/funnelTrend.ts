import { useQuery } from "@tanstack/react-query";
import { reportApi, type JsonOf } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { paths } from "../query.gen";
import { queryKeys } from "../cache/queryKeys";

const PATH = "/api/v1/analytics/{project_id}/insights/funnel/trend";

/** How many users begin a funnel in each interval, and how many of them complete it. */
export type FunnelTrend = JsonOf<paths[typeof PATH]["post"]>;

/** Fetch a funnel over time. `body` is the query of the funnel. */
export function useFunnelTrend(projectId: number, body: Record<string, unknown>) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "insights/funnel/trend", body),
    queryFn: async ({ signal }) =>
      (await unwrap(reportApi.POST(PATH, { params: { path: { project_id: projectId } }, body, signal }))) as FunnelTrend,
  });
}
