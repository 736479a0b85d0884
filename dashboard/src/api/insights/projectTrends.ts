import { useQuery } from "@tanstack/react-query";
import { queryApi, type JsonOf } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { paths } from "../query.gen";
import { lastOfReport, queryKeys } from "../cache/queryKeys";

const PATH = "/api/v1/analytics/{project_id}/insights/trends/projects";

export type ProjectTrends = JsonOf<paths[typeof PATH]["post"]>;
export type ProjectTrendsBody = paths[typeof PATH]["post"]["requestBody"]["content"]["application/json"];

/** Trends of several projects, without those that the account may not read. */
export function useProjectTrends(projectId: number, body: ProjectTrendsBody) {
  const queryKey = queryKeys.analytics(projectId, "insights/trends/projects", body);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => unwrap(queryApi.POST(PATH, { params: { path: { project_id: projectId } }, body, signal })),
    placeholderData: lastOfReport(queryKey),
  });
}
