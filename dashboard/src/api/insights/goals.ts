import { useQuery } from "@tanstack/react-query";
import { queryApi, type Report, type ReportQuery } from "../requests/client";
import { unwrap } from "../requests/errors";
import { lastOfReport, queryKeys } from "../cache/queryKeys";
import { t } from "../../texts";
import { useOfferUndo, useWithoutDeleted } from "../cache/undo";
import { useApiMutation } from "../cache/useApiMutation";
import { fetchReport } from "../cache/useProjectQuery";

export type Goal = Report<"goals/">["items"][number];
export type GoalReport = Report<"goals/report">;
/** What a person chooses of a goal. */
export type GoalFields = Pick<Goal, "name" | "event" | "page" | "filters" | "value_property">;

const PATH = "/api/v1/analytics/{project_id}/goals/";
/** More than a project can have. */
const LIMIT = 100;

/** The goals of a project; `isOn`: whether they are asked for. */
export function useGoals(projectId: number, isOn = true) {
  return useQuery({
    enabled: isOn,
    queryKey: queryKeys.goals(projectId),
    select: useWithoutDeleted(queryKeys.goals(projectId)),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId }, query: { limit: LIMIT } };
      return (await unwrap(queryApi.GET(PATH, { params, signal }))).items;
    },
  });
}

/**
 * How often each goal was reached, and by whom.
 *
 * @param goals those that the page lists; a report that began before one was created lacks it, so it is of these only.
 */
export function useGoalReport(projectId: number, query: ReportQuery<"goals/report">, goals?: readonly Goal[]) {
  const known = goals?.map(({ id, updated_at }) => [id, updated_at]);
  const queryKey = queryKeys.analytics(projectId, "goals/report", query, known);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => fetchReport(projectId, "goals/report", query, signal),
    placeholderData: lastOfReport(queryKey),
  });
}

/** Create a goal, or change one. */
export function useSaveGoal(projectId: number, id: number | null) {
  return useApiMutation(
    (fields: GoalFields) => {
      const path = { project_id: projectId };
      return id === null
        ? unwrap(queryApi.POST(PATH, { params: { path }, body: fields }))
        : unwrap(queryApi.PATCH(`${PATH}{key}`, { params: { path: { ...path, key: String(id) } }, body: fields }));
    },
    { invalidates: changed(projectId) },
  );
}

/** Delete a goal; a person can undo it for a while. */
export function useDeleteGoal(projectId: number) {
  const offerUndo = useOfferUndo();
  return ({ id, name }: Goal) => {
    const params = { path: { project_id: projectId, key: String(id) } };
    offerUndo({
      message: t.goals.deleted(name),
      hides: { list: queryKeys.goals(projectId), id },
      send: () => unwrap(queryApi.DELETE(`${PATH}{key}`, { params, keepalive: true })),
      invalidates: changed(projectId),
    });
  };
}

function changed(projectId: number) {
  return [queryKeys.goals(projectId), queryKeys.analytics(projectId, "goals/report")];
}
