import { useReceivedEvents } from "../api/events/definitions";
import { PROJECT_PAGES } from "./pages";

const WANTED = PROJECT_PAGES.flatMap(({ pages }) => pages.flatMap(({ forEvents }) => forEvents ?? []));

/** The pages of a project in their groups, without those about events that it has not received. */
export function useProjectPages(projectId: string | null): typeof PROJECT_PAGES {
  const names = useReceivedEvents(projectId === null ? Number.NaN : Number(projectId), WANTED);
  return PROJECT_PAGES.map(({ group, pages }) => ({
    group,
    pages: pages.filter(({ forEvents }) => !forEvents || forEvents.some((name) => names.includes(name))),
  })).filter(({ pages }) => pages.length > 0);
}
