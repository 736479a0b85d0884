import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { projectAddress } from "../../addresses";
import { allPages } from "../cache/allPages";
import { queryApi, type JsonOf, type Report } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { components, paths } from "../query.gen";
import { queryKeys } from "../cache/queryKeys";
import { t } from "../../texts";
import { useOfferUndo, useWithoutDeleted } from "../cache/undo";
import { useApiMutation } from "../cache/useApiMutation";

export type Alert = Report<"alerts/">["items"][number];
export type Watch = Alert["watch"];
export type Condition = Alert["condition"];
export type AlertRequest = components["schemas"]["AlertRequest"];
/** What an alert watches, when, and under which condition it fires. */
export type AlertDefinition = Pick<
  Alert,
  "insight_id" | "watch" | "condition" | "every" | "window_minutes" | "evaluations" | "min_sample" | "quiet_hours"
>;
/** What a person chooses of an alert. */
export type AlertFields = AlertDefinition & Pick<Alert, "name" | "channel_ids">;
export type AlertPreview = JsonOf<paths["/api/v1/analytics/{project_id}/alerts/preview"]["post"]>;
export type AlertEvent = JsonOf<paths["/api/v1/alert-events/"]["get"]>["items"][number];
export type AlertEventFilter = "open" | "resolved";

/** Where an alert on a saved insight is created. */
export function alertAddress(projectId: number, insightId: number): string {
  return projectAddress(projectId, `/alerts?insight=${insightId}`);
}

const PATH = "/api/v1/analytics/{project_id}/alerts/";
const EVENTS_PATH = "/api/v1/alert-events/";
const PAGE_SIZE = 100;
/** How often the inbox and the list of alerts look for what has changed. */
const REFRESH_MS = 30_000;

/** The alerts of a project, and how they stand. */
export function useAlerts(projectId: number) {
  return useQuery({
    queryKey: queryKeys.alerts(projectId),
    select: useWithoutDeleted(queryKeys.alerts(projectId)),
    queryFn: ({ signal }) =>
      allPages(PAGE_SIZE, (query) => unwrap(queryApi.GET(PATH, { params: { path: { project_id: projectId }, query }, signal }))),
    refetchInterval: REFRESH_MS,
  });
}

/** Create an alert, or change the one with this id. */
export function useSaveAlert(projectId: number, id: number | null) {
  const one = { path: { project_id: projectId, key: String(id) } };
  return useApiMutation(
    (body: AlertFields) =>
      id === null
        ? unwrap(queryApi.POST(PATH, { params: { path: { project_id: projectId } }, body: { ...body, is_paused: false } }))
        : unwrap(queryApi.PATCH(`${PATH}{key}`, { params: one, body })),
    { invalidates: [queryKeys.alerts(projectId), queryKeys.alertEvents()] },
  );
}

/** Pause an alert, or let it go on. */
export function usePauseAlert(projectId: number) {
  return useApiMutation(
    ({ id, isPaused }: { id: number; isPaused: boolean }) =>
      unwrap(
        queryApi.PATCH(`${PATH}{key}`, {
          params: { path: { project_id: projectId, key: String(id) } },
          body: { is_paused: isPaused },
        }),
      ),
    { invalidates: [queryKeys.alerts(projectId), queryKeys.alertEvents()] },
  );
}

/** Delete an alert; a person can undo it for a while. */
export function useDeleteAlert(projectId: number) {
  const offerUndo = useOfferUndo();
  return ({ id, name }: Alert) => {
    const params = { path: { project_id: projectId, key: String(id) } };
    offerUndo({
      message: t.alerts.deleted(name),
      hides: { list: queryKeys.alerts(projectId), id },
      send: () => unwrap(queryApi.DELETE(`${PATH}{key}`, { params, keepalive: true })),
      invalidates: [queryKeys.alerts(projectId), queryKeys.alertEvents()],
    });
  };
}

/** When a definition would have fired over 90 days, part by part; null: it is not complete yet. */
export function useAlertPreview(projectId: number, definition: AlertDefinition | null) {
  return useInfiniteQuery({
    queryKey: queryKeys.alertPreview(projectId, definition),
    enabled: definition !== null,
    initialPageParam: null as AlertPreview["next"],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        queryApi.POST(`${PATH}preview`, {
          params: { path: { project_id: projectId } },
          body: { ...(definition as AlertDefinition), days: 90, resume: pageParam },
          signal,
        }),
      ),
    getNextPageParam: ({ next }) => next,
    staleTime: 60_000,
    retry: false,
  });
}

/** What the alerts of all projects of the caller have found, the latest first. */
export function useAlertEvents(state: AlertEventFilter) {
  return useInfiniteQuery({
    queryKey: queryKeys.alertEvents(state),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = { state, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(queryApi.GET(EVENTS_PATH, { params: { query }, signal }));
    },
    getNextPageParam: ({ next_cursor: next }) => next,
    refetchInterval: REFRESH_MS,
  });
}

type EventPath = "/api/v1/analytics/{project_id}/alert-events/{event_id}/acknowledge";

/** Note who takes care of an event, or resolve it. */
export function useChangeAlertEvent(change: "acknowledge" | "resolve") {
  return useApiMutation(
    ({ event, note }: { event: Pick<AlertEvent, "id" | "project_id">; note: string }) => {
      const path = `/api/v1/analytics/{project_id}/alert-events/{event_id}/${change}` as EventPath;
      return unwrap(queryApi.POST(path, { params: { path: { project_id: event.project_id, event_id: event.id } }, body: { note } }));
    },
    { invalidates: [queryKeys.alertEvents()] },
  );
}
