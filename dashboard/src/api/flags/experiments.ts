import { useQuery } from "@tanstack/react-query";
import { allPages } from "../cache/allPages";
import { queryApi, type JsonOf, type Report } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { components, paths } from "../query.gen";
import { lastOfReport, queryKeys } from "../cache/queryKeys";
import { t } from "../../texts";
import { useOfferUndo, useWithoutDeleted } from "../cache/undo";
import { useApiMutation } from "../cache/useApiMutation";

export type Experiment = Report<"experiments/">["items"][number];
export type ExperimentFields = components["schemas"]["ExperimentRequest"];
export type MetricFields = components["schemas"]["ExperimentMetricRequest"];
export type MetricKind = MetricFields["kind"];
export type MetricRole = NonNullable<MetricFields["role"]>;
export type Worse = NonNullable<MetricFields["worse"]>;
export type SampleQuestion = components["schemas"]["ExperimentSampleRequest"];
export type ExperimentResults = JsonOf<paths["/api/v1/analytics/{project_id}/experiments/{experiment_id}/results"]["get"]>;
export type ExperimentSegments = JsonOf<paths["/api/v1/analytics/{project_id}/experiments/{experiment_id}/segments"]["get"]>;
export type MetricResult = ExperimentResults["metrics"][number];
export type Comparison = MetricResult["comparisons"][number];

const PATH = "/api/v1/analytics/{project_id}/experiments/";
const PAGE_SIZE = 100;

/** The experiments of a project. */
export function useExperiments(projectId: number) {
  return useQuery({
    queryKey: queryKeys.experiments(projectId),
    select: useWithoutDeleted(queryKeys.experiments(projectId)),
    queryFn: ({ signal }) =>
      allPages(PAGE_SIZE, (query) => unwrap(queryApi.GET(PATH, { params: { path: { project_id: projectId }, query }, signal }))),
  });
}

/** Create an experiment, or change fields of the one with this id. */
export function useSaveExperiment(projectId: number, id: number | null) {
  return useApiMutation(
    (body: Partial<ExperimentFields>) =>
      id === null
        ? unwrap(queryApi.POST(PATH, { params: { path: { project_id: projectId } }, body: { decision: "", ...body } as ExperimentFields }))
        : unwrap(queryApi.PATCH(`${PATH}{key}`, { params: { path: { project_id: projectId, key: String(id) } }, body })),
    { invalidates: changed(projectId) },
  );
}

/** Delete an experiment; a person can undo it for a while. */
export function useDeleteExperiment(projectId: number) {
  const offerUndo = useOfferUndo();
  return ({ id, name }: Experiment) => {
    const params = { path: { project_id: projectId, key: String(id) } };
    offerUndo({
      message: t.experiments.deleted(name),
      hides: { list: queryKeys.experiments(projectId), id },
      send: () => unwrap(queryApi.DELETE(`${PATH}{key}`, { params, keepalive: true })),
      invalidates: changed(projectId),
    });
  };
}

/** Give everybody a variant of the flag, or (null) turn the flag off; either ends the experiment. */
export function useDecideExperiment(projectId: number, id: number) {
  const params = { path: { project_id: projectId, experiment_id: id } };
  return useApiMutation(
    ({ variant, decision }: { variant: string | null; decision: string }) =>
      variant === null
        ? unwrap(queryApi.POST(`${PATH}{experiment_id}/roll-back`, { params, body: { decision } }))
        : unwrap(queryApi.POST(`${PATH}{experiment_id}/ship`, { params, body: { variant, decision } })),
    { invalidates: [...changed(projectId), queryKeys.projects.flags(projectId), queryKeys.projects.allFlagHistories(projectId)] },
  );
}

/** What an experiment has found so far, of everybody or of a saved segment; null: it is not asked for. */
export function useExperimentResults(projectId: number, id: number | null, segment: number | null) {
  const filters = segment === null ? {} : { filters: JSON.stringify({ scope: "segment", operator: "is", value: [segment] }) };
  const queryKey = queryKeys.analytics(projectId, "experiment-results", id, segment);
  return useQuery({
    queryKey,
    enabled: id !== null,
    queryFn: ({ signal }) =>
      unwrap(
        queryApi.GET(`${PATH}{experiment_id}/results`, {
          params: { path: { project_id: projectId, experiment_id: id ?? 0 }, query: filters },
          signal,
        }),
      ),
    placeholderData: lastOfReport(queryKey),
  });
}

/** The results by the values of a property; empty: none is chosen. */
export function useExperimentSegments(projectId: number, id: number, property: string) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "experiment-segments", id, property),
    enabled: property !== "",
    queryFn: ({ signal }) =>
      unwrap(
        queryApi.GET(`${PATH}{experiment_id}/segments`, {
          params: { path: { project_id: projectId, experiment_id: id }, query: { property } },
          signal,
        }),
      ),
  });
}

/** How many users and days metrics need; null: the form is not complete yet. */
export function useRequiredSample(projectId: number, question: SampleQuestion | null) {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, "experiment-sample", question),
    enabled: question !== null,
    queryFn: ({ signal }) =>
      unwrap(queryApi.POST(`${PATH}sample`, { params: { path: { project_id: projectId } }, body: question as SampleQuestion, signal })),
    staleTime: 60_000,
    retry: false,
  });
}

function changed(projectId: number) {
  return [
    queryKeys.experiments(projectId),
    queryKeys.analytics(projectId, "experiment-results"),
    queryKeys.analytics(projectId, "experiment-segments"),
  ];
}
