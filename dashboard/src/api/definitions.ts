import { useQuery } from "@tanstack/react-query";
import { reportApi } from "./client";
import { unwrap } from "./errors";
import { queryKeys } from "./queryKeys";

/** The names that are not hidden, most frequent first. */
function useDefinitions(projectId: number, path: "definitions/events" | "definitions/properties") {
  return useQuery({
    queryKey: queryKeys.analytics(projectId, path),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId } };
      const { items } = (await unwrap(reportApi.GET(`/api/v1/analytics/{project_id}/${path}`, { params, signal }))) as {
        items: { name: string; hidden: boolean }[];
      };
      return items.filter(({ hidden }) => !hidden).map(({ name }) => name);
    },
  });
}

/** The names of the events that a project has received. */
export function useEventNames(projectId: number) {
  return useDefinitions(projectId, "definitions/events");
}

/** The names of the properties that a project's events have. */
export function usePropertyNames(projectId: number) {
  return useDefinitions(projectId, "definitions/properties");
}
