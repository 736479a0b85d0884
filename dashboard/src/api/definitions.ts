import { useQuery } from "@tanstack/react-query";
import { queryApi, type Report } from "./client";
import { unwrap } from "./errors";
import type { paths } from "./query.gen";
import { queryKeys } from "./queryKeys";
import { useProjectQuery } from "./useProjectQuery";

const VALUES_PATH = "/api/v1/analytics/{project_id}/properties/{name}/values";
type ValuesQuery = NonNullable<paths[typeof VALUES_PATH]["get"]["parameters"]["query"]>;

/** An event name that a project has received, with its description and how often it was sent. */
export type CatalogueEvent = Report<"definitions/events">["items"][number];

/** The events that a project has received and nobody has hidden, most frequent first. */
export function useEventCatalogue(projectId: number): readonly CatalogueEvent[] {
  return useProjectQuery(projectId, "definitions/events", {}).data?.items.filter(({ hidden }) => !hidden) ?? [];
}

/** The names of those events. */
export function useEventNames(projectId: number): string[] {
  return useEventCatalogue(projectId).map(({ name }) => name);
}

/** The names of the properties that a project's events have and nobody has hidden, most frequent first. */
export function usePropertyNames(projectId: number): string[] {
  const { data } = useProjectQuery(projectId, "definitions/properties", {});
  return data?.items.filter(({ hidden }) => !hidden).map(({ name }) => name) ?? [];
}

/** The values that a property had lately, most frequent first; of no property, and while they load, none. */
export function usePropertyValues(projectId: number, property: string, query: ValuesQuery): string[] {
  const { data } = useQuery({
    queryKey: queryKeys.analytics(projectId, "properties/values", property, query),
    queryFn: ({ signal }) => unwrap(queryApi.GET(VALUES_PATH, { params: { path: { project_id: projectId, name: property }, query }, signal })),
    enabled: property !== "",
  });
  return data?.items.map(({ value }) => value).filter(Boolean) ?? [];
}
