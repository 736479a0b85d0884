import { useEventNames } from "../api/definitions";
import { PROJECT_PAGES } from "./pages";

/** The pages of a project in their groups, without those about events that it has not received. */
export function useProjectPages(projectId: string | null): typeof PROJECT_PAGES {
  const names = useEventNames(projectId === null ? Number.NaN : Number(projectId));
  return PROJECT_PAGES.map(({ group, pages }) => ({
    group,
    pages: pages.filter(({ forEvents }) => !forEvents || forEvents.some((name) => names.includes(name))),
  })).filter(({ pages }) => pages.length > 0);
}
