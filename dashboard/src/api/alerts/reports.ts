import { useQuery } from "@tanstack/react-query";
import { queryApi, type Report as ReportOf } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { t } from "../../texts";
import { useOfferUndo, useWithoutDeleted } from "../cache/undo";
import { useApiMutation } from "../cache/useApiMutation";

export type MailReport = ReportOf<"reports/">["items"][number];
/** What a person chooses of a report. */
export type MailReportFields = Pick<
  MailReport,
  "name" | "dashboard_id" | "insight_id" | "frequency" | "weekday" | "month_day" | "time" | "language"
> & { recipients: string[] };

const PATH = "/api/v1/analytics/{project_id}/reports/";
/** More than a project can have. */
const LIMIT = 200;
const POLL_MS = 1_000;

/** The reports by mail of a project. */
export function useMailReports(projectId: number) {
  return useQuery({
    queryKey: queryKeys.mailReports(projectId),
    select: useWithoutDeleted(queryKeys.mailReports(projectId)),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId }, query: { limit: LIMIT } };
      return (await unwrap(queryApi.GET(PATH, { params, signal }))).items;
    },
  });
}

/** Create a report, or change one. */
export function useSaveMailReport(projectId: number, id: number | null) {
  return useApiMutation(
    (fields: MailReportFields) => {
      const path = { project_id: projectId };
      return id === null
        ? unwrap(queryApi.POST(PATH, { params: { path }, body: { ...fields, is_paused: false } }))
        : unwrap(queryApi.PATCH(`${PATH}{key}`, { params: { path: { ...path, key: String(id) } }, body: fields }));
    },
    { invalidates: [queryKeys.mailReports(projectId)] },
  );
}

/** Pause a report, or resume it. */
export function usePauseMailReport(projectId: number, id: number) {
  return useApiMutation(
    (isPaused: boolean) =>
      unwrap(
        queryApi.PATCH(`${PATH}{key}`, {
          params: { path: { project_id: projectId, key: String(id) } },
          body: { is_paused: isPaused },
        }),
      ),
    { invalidates: [queryKeys.mailReports(projectId)] },
  );
}

/** Delete a report; a person can undo it for a while. */
export function useDeleteMailReport(projectId: number) {
  const offerUndo = useOfferUndo();
  return ({ id, name }: MailReport) => {
    const params = { path: { project_id: projectId, key: String(id) } };
    offerUndo({
      message: t.reports.deleted(name),
      hides: { list: queryKeys.mailReports(projectId), id },
      send: () => unwrap(queryApi.DELETE(`${PATH}{key}`, { params, keepalive: true })),
      invalidates: [queryKeys.mailReports(projectId)],
    });
  };
}

/** Send a report to oneself, as if it were due now. */
export function useSendMailReport(projectId: number, id: number) {
  return useApiMutation(() =>
    unwrap(queryApi.POST(`${PATH}{key}/send-now`, { params: { path: { project_id: projectId, key: String(id) } } })),
  );
}

/** The mail of a report as it would be sent now; it is made first, which takes seconds. */
export function useMailPreview(projectId: number, id: number) {
  return useQuery({
    queryKey: queryKeys.mailPreview(projectId, id),
    queryFn: ({ signal }) =>
      unwrap(queryApi.GET(`${PATH}{key}/preview`, { params: { path: { project_id: projectId, key: String(id) } }, signal })),
    refetchInterval: ({ state }) => (state.data?.status === "rendering" ? POLL_MS : false),
    gcTime: 0,
  });
}
