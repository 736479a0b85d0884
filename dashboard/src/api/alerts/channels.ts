import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { queryApi, type JsonOf } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { components, paths } from "../query.gen";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

const PATH = "/api/v1/analytics/{project_id}/channels/";
const ONE = `${PATH}{key}` as const;
/** More than a project can have. */
const LIMIT = 100;
const PAGE_SIZE = 20;
const FIRST_PAGE = null as string | null;
const OPEN_MS = 1_500;
const NOTHING = { is_enabled: true, recipients: null, url: null, bot_token: null, chat_id: null, topic: null, access_token: null };

type Schemas = components["schemas"];
export type Channel = Schemas["ChannelResponse"];
export type ChannelKind = Schemas["ChannelRequest"]["kind"];
/** The service fills in what a kind of channel does not have. */
export type ChannelFields = Pick<Schemas["ChannelRequest"], "name" | "kind"> & ChannelChanges;
export type ChannelChanges = Schemas["ChannelUpdateRequest"];
export type Delivery = JsonOf<paths["/api/v1/analytics/{project_id}/channels/{key}/deliveries/"]["get"]>["items"][number];

/** The channels of a project. */
export function useChannels(projectId: number) {
  return useQuery({
    queryKey: queryKeys.channels(projectId),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId }, query: { limit: LIMIT } };
      return (await unwrap(queryApi.GET(PATH, { params, signal }))).items;
    },
  });
}

/** Whether this server can send e-mail, and which settings it lacks. */
export function useMailSetup(projectId: number) {
  return useQuery({
    queryKey: queryKeys.mailSetup(projectId),
    queryFn: ({ signal }) => unwrap(queryApi.GET(`${PATH}mail-setup`, { params: { path: { project_id: projectId } }, signal })),
  });
}

/** Create a channel. Only this response has the key of a webhook. */
export function useCreateChannel(projectId: number, onKey: (name: string, key: string) => void) {
  return useApiMutation((fields: ChannelFields) => unwrap(queryApi.POST(PATH, { params: { path: { project_id: projectId } }, body: { ...NOTHING, ...fields } })), {
    invalidates: [queryKeys.channels(projectId)],
    onDone: ({ name, signing_key }) => {
      if (signing_key !== null) onKey(name, signing_key);
    },
    showsOnce: true,
  });
}

export function useChangeChannel(projectId: number, id: number) {
  return useApiMutation((changes: ChannelChanges) => unwrap(queryApi.PATCH(ONE, { ...one(projectId, id), body: changes })), {
    invalidates: [queryKeys.channels(projectId)],
  });
}

export function useDeleteChannel(projectId: number, id: number) {
  return useApiMutation(() => unwrap(queryApi.DELETE(ONE, one(projectId, id))), { invalidates: [queryKeys.channels(projectId)] });
}

/** Replace the key of a webhook. */
export function useNewSigningKey(projectId: number, id: number, onKey: (key: string) => void) {
  return useApiMutation(() => unwrap(queryApi.POST(`${ONE}/signing-key`, one(projectId, id))), {
    onDone: ({ signing_key }) => {
      onKey(signing_key);
    },
    showsOnce: true,
  });
}

/** Send a test message. */
export function useTestChannel(projectId: number, id: number) {
  return useApiMutation(() => unwrap(queryApi.POST(`${ONE}/test`, one(projectId, id))), { invalidates: [queryKeys.deliveries(projectId, id)] });
}

/** Send a failed message again, at once. */
export function useRetryDelivery(projectId: number, id: number) {
  return useApiMutation(
    (deliveryId: number) => {
      const { path } = one(projectId, id).params;
      return unwrap(queryApi.POST(`${ONE}/deliveries/{delivery_id}/retry`, { params: { path: { ...path, delivery_id: deliveryId } } }));
    },
    { invalidates: [queryKeys.deliveries(projectId, id)] },
  );
}

/** The messages of a channel, fetched again while one of them is on its way. */
export function useDeliveries(projectId: number, id: number) {
  return useInfiniteQuery({
    queryKey: queryKeys.deliveries(projectId, id),
    queryFn: ({ pageParam, signal }) => {
      const { path } = one(projectId, id).params;
      const query = { limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(queryApi.GET(`${ONE}/deliveries/`, { params: { path, query }, signal }));
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ items }) => items.some((item) => item.state === "waiting")) ? OPEN_MS : false),
  });
}

function one(projectId: number, id: number) {
  return { params: { path: { project_id: projectId, key: String(id) } } };
}
