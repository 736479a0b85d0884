import { useQuery } from "@tanstack/react-query";
import { allPages } from "../cache/allPages";
import { queryApi, type Report } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { t } from "../../texts";
import { useOfferUndo, useWithoutDeleted } from "../cache/undo";
import { useApiMutation } from "../cache/useApiMutation";

export type Annotation = Report<"annotations/">["items"][number];
type Fields = Pick<Annotation, "at" | "text">;

const PAGE_SIZE = 100;
const PATH = "/api/v1/analytics/{project_id}/annotations/";

/** The notes on the charts of a project. */
export function useAnnotations(projectId: number) {
  return useQuery({
    queryKey: queryKeys.annotations(projectId),
    select: useWithoutDeleted(queryKeys.annotations(projectId)),
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

/** Delete a note; a person can undo it for a while. */
export function useDeleteAnnotation(projectId: number) {
  const offerUndo = useOfferUndo();
  return ({ id, text }: Pick<Annotation, "id" | "text">) => {
    const params = { path: { project_id: projectId, key: String(id) } };
    offerUndo({
      message: t.annotations.deleted(text),
      hides: { list: queryKeys.annotations(projectId), id },
      send: () => unwrap(queryApi.DELETE(`${PATH}{key}`, { params, keepalive: true })),
      invalidates: [queryKeys.annotations(projectId)],
    });
  };
}
