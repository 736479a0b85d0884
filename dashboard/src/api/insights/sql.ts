import { useApiMutation } from "../cache/useApiMutation";
import type { components } from "../query.gen";
import { queryApi } from "../requests/client";
import { unwrap } from "../requests/errors";

/** More are not read on a screen; the API gives up to 10,000. */
const MAX_ROWS = 1_000;

/** The first rows of a statement's result. */
export type SqlResult = components["schemas"]["SqlResponse"];

/** Run a SELECT over the events, persons and sessions of a project. */
export function useRunSql(projectId: number) {
  return useApiMutation(async (statement: string): Promise<SqlResult> => {
    const body = { statement, limit: MAX_ROWS, format: "json" } as const;
    const path = { project_id: projectId };
    return (await unwrap(queryApi.POST("/api/v1/analytics/{project_id}/sql", { params: { path }, body }))) as SqlResult;
  });
}
