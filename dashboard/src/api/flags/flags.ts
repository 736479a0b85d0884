import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { components } from "../auth.gen";
import { authApi, queryApi, type JsonOf, type Report } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { paths } from "../query.gen";
import { lastOfReport, queryKeys } from "../cache/queryKeys";
import { t } from "../../texts";
import { useOfferUndo, useWithoutDeleted } from "../cache/undo";
import { useApiMutation } from "../cache/useApiMutation";
import { useProjectQuery } from "../cache/useProjectQuery";

type Schemas = components["schemas"];
export type Flag = Schemas["FlagResponse"];
export type FlagFilter = Schemas["FlagFilter"];
export type FlagCondition = Schemas["FlagCondition"];
export type FlagVariant = Schemas["FlagVariant"];
/** What people decide about a flag. */
export type FlagFields = Schemas["FlagRequest"];
export type FlagChanges = Schemas["FlagUpdateRequest"];
export type FlagVersion = Schemas["FlagVersionResponse"];
export type FlagPreview = JsonOf<paths["/api/v1/analytics/{project_id}/feature-flags/preview"]["post"]>;
export type PreviewedPerson = FlagPreview["examples"][number];
export type FlagUsage = Report<"feature-flags/usage">;
export type StaleFlags = Report<"feature-flags/stale">;

const PATH = "/api/v1/projects/{project_id}/feature-flags/";
const ONE = `${PATH}{flag_id}` as const;
const PREVIEW = "feature-flags/preview";
const STALE = "feature-flags/stale";
const HISTORY_PAGE = 20;

/** The flags of a project, by key. */
export function useFlags(projectId: number) {
  return useQuery({
    queryKey: queryKeys.projects.flags(projectId),
    select: useWithoutDeleted(queryKeys.projects.flags(projectId)),
    queryFn: async ({ signal }) => (await unwrap(authApi.GET(PATH, { params: { path: { project_id: projectId } }, signal }))).items,
  });
}

/** Create a flag, or change the one with this id. */
export function useSaveFlag(projectId: number, id: number | null) {
  return useApiMutation(
    (fields: FlagFields | FlagChanges) =>
      id === null
        ? unwrap(authApi.POST(PATH, { params: { path: { project_id: projectId } }, body: fields as FlagFields }))
        : unwrap(authApi.PATCH(ONE, { params: { path: { project_id: projectId, flag_id: id } }, body: fields })),
    { invalidates: flagKeys(projectId) },
  );
}

/** Switch a flag on, or off for everybody; a person can undo it for a while. */
export function useSwitchFlag(projectId: number) {
  const offerUndo = useOfferUndo();
  const change = useApiMutation(
    ({ flag, isActive }: { flag: Flag; isActive: boolean }) =>
      unwrap(authApi.PATCH(ONE, { params: { path: { project_id: projectId, flag_id: flag.id } }, body: { is_active: isActive } })),
    { invalidates: flagKeys(projectId) },
  );
  const { mutate } = change;
  const switchTo = (flag: Flag, isActive: boolean, onDone?: () => void) => {
    mutate(
      { flag, isActive },
      {
        onSuccess: (answer) => {
          onDone?.();
          // It may wait for a second person.
          if (answer.is_active !== isActive) return;
          offerUndo({
            message: isActive ? t.flags.switchedOn(flag.key) : t.flags.switchedOff(flag.key),
            undo: () => {
              mutate({ flag, isActive: !isActive });
            },
          });
        },
      },
    );
  };
  return { ...change, switchTo };
}

/** Delete a flag; a person can undo it for a while. */
export function useDeleteFlag(projectId: number) {
  const offerUndo = useOfferUndo();
  return ({ id, key }: Flag) => {
    offerUndo({
      message: t.flags.deleted(key),
      hides: { list: queryKeys.projects.flags(projectId), id },
      send: () => unwrap(authApi.DELETE(ONE, { params: { path: { project_id: projectId, flag_id: id } }, keepalive: true })),
      invalidates: flagKeys(projectId),
    });
  };
}

/** The versions of a flag with what each changed, newest first. */
export function useFlagHistory(projectId: number, flagId: number) {
  return useInfiniteQuery({
    queryKey: queryKeys.projects.flagHistory(projectId, flagId),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: HISTORY_PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(authApi.GET(`${ONE}/history`, { params: { path: { project_id: projectId, flag_id: flagId }, query }, signal }));
    },
    getNextPageParam: ({ next_cursor: next }) => next,
  });
}

/** Give a flag the definition of an earlier version. */
export function useRestoreFlag(projectId: number, flagId: number) {
  return useApiMutation(
    (version: number) =>
      unwrap(authApi.POST(`${ONE}/rollback`, { params: { path: { project_id: projectId, flag_id: flagId } }, body: { version } })),
    { invalidates: flagKeys(projectId) },
  );
}

/** Accept or refuse a change of a flag that waits for a second person. */
export function useDecideProposal(projectId: number, flagId: number) {
  return useApiMutation(
    ({ id, how }: { id: number; how: "accept" | "refuse" }) =>
      unwrap(authApi.POST(`${ONE}/proposed-change/${how}`, { params: { path: { project_id: projectId, flag_id: flagId } }, body: { id } })),
    { invalidates: flagKeys(projectId) },
  );
}

/** Who would have a flag of this definition; null: it is not complete yet. `distinctId`: somebody to try it for, or "". */
export function useFlagPreview(projectId: number, definition: FlagFields | null, distinctId: string) {
  const queryKey = queryKeys.analytics(projectId, PREVIEW, definition, distinctId);
  return useQuery({
    queryKey,
    enabled: definition !== null,
    queryFn: ({ signal }) =>
      unwrap(
        queryApi.POST("/api/v1/analytics/{project_id}/feature-flags/preview", {
          params: { path: { project_id: projectId } },
          body: { definition: definition as FlagFields, distinct_id: distinctId || null },
          signal,
        }),
      ),
    placeholderData: lastOfReport(queryKey),
    retry: false,
  });
}

/** What code and the server were asked for in the last 30 days, by flag. */
export function useFlagUsage(projectId: number) {
  return useProjectQuery(projectId, "feature-flags/usage", {});
}

/** The flags that code can probably do without. */
export function useStaleFlags(projectId: number) {
  return useProjectQuery(projectId, STALE, {});
}

/** The keys of the flags whose conditions ask for a flag. */
export function dependentsOf(key: string, flags: readonly Flag[]): string[] {
  return flags
    .filter((flag) => flag.key !== key && flag.conditions.some(({ filters }) => filters?.some(({ scope, property }) => scope === "flag" && property === key)))
    .map((flag) => flag.key);
}

function flagKeys(projectId: number) {
  return [queryKeys.projects.flags(projectId), queryKeys.projects.allFlagHistories(projectId), queryKeys.analytics(projectId, PREVIEW), queryKeys.analytics(projectId, STALE)];
}
