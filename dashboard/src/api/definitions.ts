import type { Report } from "./client";
import { useProjectQuery } from "./useProjectQuery";

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
