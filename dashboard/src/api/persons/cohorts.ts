import { useQuery } from "@tanstack/react-query";
import { allPages } from "../cache/allPages";
import { queryApi, type Report } from "../requests/client";
import { unwrap } from "../requests/errors";
import { figureBody, type FigureQuestion } from "../reports/figures";
import type { PersonSelection } from "./persons";
import { queryKeys } from "../cache/queryKeys";
import { t } from "../../texts";
import { useOfferUndo, useWithoutDeleted } from "../cache/undo";
import { useApiMutation } from "../cache/useApiMutation";

export type Cohort = Report<"cohorts/">["items"][number];
export type CohortQuery = NonNullable<Cohort["query"]>;

const PAGE_SIZE = 100;
const PATH = "/api/v1/analytics/{project_id}/cohorts/";

/** The cohorts of a project. */
export function useCohorts(projectId: number) {
  return useQuery({
    queryKey: queryKeys.cohorts(projectId),
    select: useWithoutDeleted(queryKeys.cohorts(projectId)),
    queryFn: ({ signal }) =>
      allPages(PAGE_SIZE, (query) => unwrap(queryApi.GET(PATH, { params: { path: { project_id: projectId }, query }, signal }))),
  });
}

/** A new cohort: of one of a query, distinct ids, a figure, and persons of a list. */
export interface NewCohort {
  name: string;
  description?: string;
  query?: CohortQuery;
  distinct_ids?: string[];
  figure?: FigureQuestion;
  persons?: PersonSelection;
}

export function useCreateCohort(projectId: number) {
  return useApiMutation(
    ({ name, description = "", query, distinct_ids, figure, persons }: NewCohort) =>
      unwrap(
        queryApi.POST(PATH, {
          params: { path: { project_id: projectId } },
          body: {
            name,
            description,
            query: query ?? null,
            distinct_ids: distinct_ids ?? null,
            figure: figure ? { kind: figure.kind, query: { ...figureBody(figure) } } : null,
            persons: persons ? { ...EVERYBODY, ...persons } : null,
          },
        }),
      ),
    { invalidates: [queryKeys.cohorts(projectId)] },
  );
}

const EVERYBODY = { search: null, property: null, value: null, filters: null, identified: null };

export function useChangeCohort(projectId: number, cohortId: number) {
  return useApiMutation(
    (changes: Partial<Pick<Cohort, "name" | "description">> & { query?: CohortQuery }) =>
      unwrap(queryApi.PATCH(`${PATH}{cohort_id}`, { params: { path: { project_id: projectId, cohort_id: cohortId } }, body: changes })),
    { invalidates: [queryKeys.cohorts(projectId)] },
  );
}

export function useRefreshCohort(projectId: number, cohortId: number) {
  return useApiMutation(
    () => unwrap(queryApi.POST(`${PATH}{cohort_id}/refresh`, { params: { path: { project_id: projectId, cohort_id: cohortId } } })),
    { invalidates: [queryKeys.cohorts(projectId)] },
  );
}

/** Delete a cohort; a person can undo it for a while. Reports that name it are refused from then on. */
export function useDeleteCohort(projectId: number) {
  const offerUndo = useOfferUndo();
  return ({ id, name }: Cohort) => {
    const params = { path: { project_id: projectId, cohort_id: id } };
    offerUndo({
      message: t.people.cohorts.deleted(name),
      hides: { list: queryKeys.cohorts(projectId), id },
      send: () => unwrap(queryApi.DELETE(`${PATH}{cohort_id}`, { params, keepalive: true })),
      invalidates: [queryKeys.cohorts(projectId)],
    });
  };
}
