import { useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { queryApi, type JsonOf } from "./client";
import { unwrap } from "./errors";
import type { paths } from "./query.gen";
import { queryKeys } from "./queryKeys";
import { useApiMutation } from "./useApiMutation";

const PATH = "/api/v1/analytics/{project_id}/dashboards/";
const KEY_PATH = "/api/v1/analytics/{project_id}/dashboards/{key}";
const SHARED_PATH = "/api/v1/analytics/shared/dashboards/{token}";
const PAGE_SIZE = 100;

export type Dashboard = JsonOf<paths[typeof KEY_PATH]["get"]>;
export type Tile = Dashboard["tiles"]["items"][number];
export type SharedDashboard = JsonOf<paths[typeof SHARED_PATH]["get"]>;

/** How many of 12 columns a tile takes. */
export const TILE_WIDTHS = [3, 4, 6, 8, 12] as const;
export type TileWidth = (typeof TILE_WIDTHS)[number];

/** Every dashboard of a project. */
export function useDashboards(projectId: number, isWanted = true) {
  return useQuery({
    queryKey: queryKeys.dashboards(projectId),
    queryFn: ({ signal }) =>
      allPages(PAGE_SIZE, (query) =>
        unwrap(queryApi.GET(PATH, { params: { path: { project_id: projectId }, query }, signal })),
      ),
    enabled: isWanted,
  });
}

export function useDashboard(projectId: number, key: string) {
  return useQuery({
    queryKey: queryKeys.dashboard(projectId, key),
    queryFn: ({ signal }) =>
      unwrap(queryApi.GET(KEY_PATH, { params: { path: { project_id: projectId, key } }, signal })),
  });
}

type Fields = Pick<Dashboard, "name" | "description">;

export function useCreateDashboard(projectId: number) {
  return useApiMutation(
    (fields: Fields & { tiles?: Dashboard["tiles"] }) =>
      unwrap(queryApi.POST(PATH, { params: { path: { project_id: projectId } }, body: fields })),
    { invalidates: [queryKeys.dashboards(projectId)] },
  );
}

/** Change a dashboard; what is on the screen changes with the answer. */
export function useChangeDashboard(projectId: number) {
  const client = useQueryClient();
  return useApiMutation(
    ({ key, changes }: { key: number; changes: Partial<Fields> & { tiles?: Dashboard["tiles"] } }) =>
      unwrap(
        queryApi.PATCH(KEY_PATH, { params: { path: { project_id: projectId, key: String(key) } }, body: changes }),
      ),
    {
      invalidates: [queryKeys.dashboards(projectId)],
      onDone: (dashboard) => {
        client.setQueryData(queryKeys.dashboard(projectId, String(dashboard.id)), dashboard);
      },
    },
  );
}

/** Put a saved insight on a dashboard once, or on a new one with a name. */
export function useAddInsight(projectId: number) {
  const create = useCreateDashboard(projectId);
  const change = useChangeDashboard(projectId);
  return useApiMutation(({ id, dashboard }: { id: number; dashboard: Dashboard | string }) => {
    const tile: Tile = { insight_id: id, text: null, layout: { width: 6 }, projects: null };
    if (typeof dashboard === "string") return create.mutateAsync({ name: dashboard, description: "", tiles: { items: [tile] } });
    const others = dashboard.tiles.items.filter(({ insight_id }) => insight_id !== id);
    return change.mutateAsync({ key: dashboard.id, changes: { tiles: { items: [...others, tile] } } });
  });
}

export function useDeleteDashboard(projectId: number, key: number) {
  return useApiMutation(
    () => unwrap(queryApi.DELETE(KEY_PATH, { params: { path: { project_id: projectId, key: String(key) } } })),
    { invalidates: [queryKeys.dashboards(projectId)] },
  );
}

/** What a public link asks for, and what it allows. */
export type ShareOptions = paths[`${typeof KEY_PATH}/share`]["post"]["requestBody"]["content"]["application/json"];

export function useShareDashboard(projectId: number, key: number) {
  return useApiMutation(
    (options: ShareOptions) =>
      unwrap(
        queryApi.POST(`${KEY_PATH}/share`, {
          params: { path: { project_id: projectId, key: String(key) } },
          body: options,
        }),
      ),
    { invalidates: [queryKeys.dashboards(projectId)], showsOnce: true },
  );
}

export function useRevokeLink(projectId: number, key: number) {
  return useApiMutation(
    () =>
      unwrap(queryApi.DELETE(`${KEY_PATH}/share`, { params: { path: { project_id: projectId, key: String(key) } } })),
    { invalidates: [queryKeys.dashboards(projectId)] },
  );
}

/** A public link: its token, and what stands for its password. */
export interface SharedLink {
  token: string;
  access: string;
}

const accessHeader = ({ access }: SharedLink) => (access === "" ? {} : { "X-Share-Access": access });

/** The dashboard behind a public link. */
export function useSharedDashboard(link: SharedLink) {
  return useQuery({
    queryKey: queryKeys.sharedDashboard(link),
    queryFn: ({ signal }) =>
      unwrap(
        queryApi.GET(SHARED_PATH, { params: { path: { token: link.token }, header: accessHeader(link) }, signal }),
      ),
  });
}

/** Give the password of a public link. */
export function useOpenShared(token: string) {
  return useApiMutation(
    (password: string) => unwrap(queryApi.POST(`${SHARED_PATH}/access`, { params: { path: { token } }, body: { password } })),
    { invalidates: [], showsOnce: true },
  );
}

/** The answer of a tile behind a public link, of the dates and the segment that its reader has chosen. */
export function useSharedInsight(link: SharedLink, id: number, chosen: object) {
  return useQuery({
    queryKey: [...queryKeys.sharedDashboard(link), id, chosen],
    queryFn: ({ signal }) =>
      unwrap(
        queryApi.GET(`${SHARED_PATH}/insights/{insight_id}`, {
          params: { path: { token: link.token, insight_id: id }, query: chosen, header: accessHeader(link) },
          signal,
        }),
      ),
  });
}
