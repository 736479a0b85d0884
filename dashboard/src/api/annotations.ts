import { useQuery } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { queryApi, type Report } from "./client";
import { unwrap } from "./errors";
import { queryKeys } from "./queryKeys";
import { useApiMutation } from "./useApiMutation";

export type Annotation = Report<"annotations/">["items"][number];
type Fields = Pick<Annotation, "at" | "text">;

const PAGE_SIZE = 100;
const PATH = "/api/v1/analytics/{project_id}/annotations/";

/** The notes on the charts of a project. */
export function useAnnotations(projectId: number) {
  return useQuery({
    queryKey: queryKeys.annotations(projectId),
    queryFn: ({ signal }) =>
      allPages(PAGE_SIZE, (query) => unwrap(queryApi.GET(PATH, { params: { path: { project_id: projectId }, query }, signal }))),
  });
}

/** Create a note, or change the one with this id. */
export function useSaveAnnotation(projectId: number, id: number | null) {
  const one = { path: { project_id: projectId, key: String(id) } };
  return useApiMutation(
    (body: Fields) =>
      id === null
        ? unwrap(queryApi.POST(PATH, { params: { path: { project_id: projectId } }, body }))
        : unwrap(queryApi.PATCH(`${PATH}{key}`, { params: one, body })),
    { invalidates: [queryKeys.annotations(projectId)] },
  );
}

export function useDeleteAnnotation(projectId: number, id: number) {
  const params = { path: { project_id: projectId, key: String(id) } };
  return useApiMutation(() => unwrap(queryApi.DELETE(`${PATH}{key}`, { params })), {
    invalidates: [queryKeys.annotations(projectId)],
  });
}
