import { useProjectQuery } from "./useProjectQuery";

/** The names of the events that a project has received and nobody has hidden, most frequent first. */
export function useEventNames(projectId: number): string[] {
  return visibleNames(useProjectQuery(projectId, "definitions/events", {}).data);
}

/** The names of the properties that a project's events have and nobody has hidden, most frequent first. */
export function usePropertyNames(projectId: number): string[] {
  return visibleNames(useProjectQuery(projectId, "definitions/properties", {}).data);
}

function visibleNames(list?: { items: { name: string; hidden: boolean }[] }): string[] {
  return list?.items.filter(({ hidden }) => !hidden).map(({ name }) => name) ?? [];
}
