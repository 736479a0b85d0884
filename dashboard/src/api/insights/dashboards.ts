import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { allPages } from "../cache/allPages";
import { queryApi, type JsonOf, type SavedInsight } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { paths } from "../query.gen";
import { queryKeys } from "../cache/queryKeys";
import { t } from "../../texts";
import { useOfferUndo, useWithoutDeleted } from "../cache/undo";
import { useApiMutation } from "../cache/useApiMutation";
import { allSavedInsights } from "./savedInsights";

const PATH = "/api/v1/analytics/{project_id}/dashboards/";
const KEY_PATH = "/api/v1/analytics/{project_id}/dashboards/{key}";
const INSIGHTS_PATH = "/api/v1/analytics/{project_id}/saved-insights/";
const SHARED_PATH = "/api/v1/analytics/shared/dashboards/{token}";
const PAGE_SIZE = 100;

export type Dashboard = JsonOf<paths[typeof KEY_PATH]["get"]>;
export type Tile = Dashboard["tiles"]["items"][number];
/** The projects that a tile asks in the place of the dashboard's own. */
export type TileProjects = NonNullable<Tile["projects"]>;
export type SharedDashboard = JsonOf<paths[typeof SHARED_PATH]["get"]>;

/** How many of 12 columns a tile takes. */
export const TILE_WIDTHS = [3, 4, 6, 8, 12] as const;
export type TileWidth = (typeof TILE_WIDTHS)[number];

/** Every dashboard of a project. */
export function useDashboards(projectId: number, isWanted = true) {
  return useQuery({
    queryKey: queryKeys.dashboards(projectId),
    select: useWithoutDeleted(queryKeys.dashboards(projectId)),
    queryFn: ({ signal }) =>
      allPages(PAGE_SIZE, (query) =>
        unwrap(queryApi.GET(PATH, { params: { path: { project_id: projectId }, query }, signal })),
      ),
    enabled: isWanted,
  });
}

const oneDashboard = (projectId: number, key: string) =>
  queryOptions({
    queryKey: queryKeys.dashboard(projectId, key),
    queryFn: ({ signal }) => unwrap(queryApi.GET(KEY_PATH, { params: { path: { project_id: projectId, key } }, signal })),
  });

export function useDashboard(projectId: number, key: string) {
  return useQuery(oneDashboard(projectId, key));
}

/** Ask for a dashboard and for the insights on it at once, ahead of the page that shows them; null: of none. */
export function useDashboardAhead(projectId: number, key: string | null) {
  const client = useQueryClient();
  useEffect(() => {
    if (key === null || !Number.isSafeInteger(projectId)) return;
    // The page tells a failure.
    client.query(oneDashboard(projectId, key)).catch(() => undefined);
    client.query(allSavedInsights(projectId)).catch(() => undefined);
  }, [client, projectId, key]);
}

type Fields = Pick<Dashboard, "name" | "description">;

export function useCreateDashboard(projectId: number) {
  return useApiMutation(
    (fields: Fields & { tiles?: Dashboard["tiles"] }) =>
      unwrap(queryApi.POST(PATH, { params: { path: { project_id: projectId } }, body: fields })),
    { invalidates: [queryKeys.dashboards(projectId)] },
  );
}

/** What a dashboard is made of at once: insights that are saved for it, and texts. */
export interface NewTile {
  layout: Record<string, unknown>;
  text?: string;
  insight?: Pick<SavedInsight, "name" | "kind" | "query" | "view">;
}

/** Save insights, and put them on a new dashboard. What was saved is deleted again if a part is refused. */
export function useCreateFilledDashboard(projectId: number) {
  const path = { project_id: projectId };
  const save = (insight: NonNullable<NewTile["insight"]>) =>
    unwrap(queryApi.POST(INSIGHTS_PATH, { params: { path }, body: { description: "", is_favourite: false, ...insight } }));
  const remove = (id: number) => unwrap(queryApi.DELETE(`${INSIGHTS_PATH}{key}`, { params: { path: { ...path, key: String(id) } } }));
  return useApiMutation(
    async ({ name, tiles }: { name: string; tiles: readonly NewTile[] }) => {
      const saved: number[] = [];
      try {
        const items: Tile[] = [];
        for (const { insight, text = null, layout } of tiles) {
          const id = insight ? (await save(insight)).id : null;
          if (id !== null) saved.push(id);
          items.push({ insight_id: id, text, layout, projects: null });
        }
        return await unwrap(queryApi.POST(PATH, { params: { path }, body: { name, description: "", tiles: { items } } }));
      } catch (error) {
        await Promise.allSettled(saved.map(remove));
        throw error;
      }
    },
    { invalidates: [queryKeys.dashboards(projectId), queryKeys.savedInsights(projectId)] },
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

/** Delete a dashboard; a person can undo it for a while. */
export function useDeleteDashboard(projectId: number) {
  const offerUndo = useOfferUndo();
  return ({ id, name }: Dashboard) => {
    const params = { path: { project_id: projectId, key: String(id) } };
    offerUndo({
      message: t.dashboards.deleted(name),
      hides: { list: queryKeys.dashboards(projectId), id },
      send: () => unwrap(queryApi.DELETE(KEY_PATH, { params, keepalive: true })),
      invalidates: [queryKeys.dashboards(projectId)],
    });
  };
}

/** What a public link asks for, and what it allows. */
export type ShareOptions = paths[`${typeof KEY_PATH}/share`]["post"]["requestBody"]["content"]["application/json"];

/** Take a tile off a dashboard. Undoing puts it back among the tiles that there are by then. */
export function useRemoveTile(projectId: number, { id, tiles }: Dashboard) {
  const client = useQueryClient();
  const change = useChangeDashboard(projectId);
  const offerUndo = useOfferUndo();
  const remove = (tile: Tile, title: string) => {
    const index = tiles.items.indexOf(tile);
    const others = tiles.items.filter((one) => one !== tile);
    const set = (items: Tile[]) => change.mutateAsync({ key: id, changes: { tiles: { items } } });
    const undo = () => {
      const now = client.getQueryData<Dashboard>(queryKeys.dashboard(projectId, String(id)))?.tiles.items ?? others;
      set([...now.slice(0, index), tile, ...now.slice(index)]).catch(() => undefined);
    };
    set(others).then(
      () => {
        offerUndo({ message: t.dashboards.tileRemoved(title), undo });
      },
      () => undefined,
    );
  };
  return { remove, error: change.error };
}

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
    queryKey: queryKeys.sharedInsight(link, id, chosen),
    queryFn: ({ signal }) =>
      unwrap(
        queryApi.GET(`${SHARED_PATH}/insights/{insight_id}`, {
          params: { path: { token: link.token, insight_id: id }, query: chosen, header: accessHeader(link) },
          signal,
        }),
      ),
  });
}
