import { useQuery } from "@tanstack/react-query";
import { queryApi, type Report } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { t } from "../../texts";
import { useOfferUndo, useWithoutDeleted } from "../cache/undo";
import { useApiMutation } from "../cache/useApiMutation";

export type Segment = Report<"segments/">["items"][number];

const PATH = "/api/v1/analytics/{project_id}/segments/";
/** As many as a project can have. */
const LIMIT = 100;

/** The segments of a project: filters with names. */
export function useSegments(projectId: number, enabled: boolean) {
  return useQuery({
    queryKey: queryKeys.segments(projectId),
    select: useWithoutDeleted(queryKeys.segments(projectId)),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId }, query: { limit: LIMIT } };
      return (await unwrap(queryApi.GET(PATH, { params, signal }))).items;
    },
    enabled,
  });
}

/** Save a filter under a name. */
export function useCreateSegment(projectId: number) {
  return useApiMutation(
    (body: Pick<Segment, "name" | "filters">) => unwrap(queryApi.POST(PATH, { params: { path: { project_id: projectId } }, body })),
    { invalidates: [queryKeys.segments(projectId)] },
  );
}

/** Give a segment another name. */
export function useRenameSegment(projectId: number) {
  return useApiMutation(
    ({ id, name }: Pick<Segment, "id" | "name">) =>
      unwrap(queryApi.PATCH(`${PATH}{key}`, { params: { path: { project_id: projectId, key: String(id) } }, body: { name } })),
    { invalidates: [queryKeys.segments(projectId)] },
  );
}

/** Delete a segment; a person can undo it for a while. Reports that name it are refused from then on. */
export function useDeleteSegment(projectId: number) {
  const offerUndo = useOfferUndo();
  return ({ id, name }: Segment) => {
    const params = { path: { project_id: projectId, key: String(id) } };
    offerUndo({
      message: t.report.segmentDeleted(name),
      hides: { list: queryKeys.segments(projectId), id },
      send: () => unwrap(queryApi.DELETE(`${PATH}{key}`, { params, keepalive: true })),
      invalidates: [queryKeys.project(projectId)],
    });
  };
}
