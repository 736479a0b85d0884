import { useLocalStorage } from "@mantine/hooks";
import { useCallback, useEffect } from "react";
import type { Dashboard } from "../../api/insights/dashboards";

/** What a person has viewed and marked in this browser, by the id of a dashboard. */
interface OwnDashboards {
  /** When each was last viewed, as an ISO instant. */
  viewed: Partial<Record<string, string>>;
  favourites: readonly number[];
}

const NONE: OwnDashboards = { viewed: {}, favourites: [] };

/** The dashboards of a project that were viewed or marked in this browser, and the functions that note it. */
export function useOwnDashboards(projectId: number) {
  const [own, setOwn] = useLocalStorage<OwnDashboards>({
    key: `tidemark-dashboards-${String(projectId)}`,
    defaultValue: NONE,
    getInitialValueInEffect: false,
    deserialize: read,
  });
  const mark = (id: number, isFavourite: boolean) => {
    setOwn(({ viewed, favourites }) => ({ viewed, favourites: [...favourites.filter((one) => one !== id), ...(isFavourite ? [id] : [])] }));
  };
  const noteView = useCallback(
    (id: number) => {
      setOwn(({ viewed, favourites }) => ({ favourites, viewed: { ...viewed, [id]: new Date().toISOString() } }));
    },
    [setOwn],
  );
  return { own, mark, noteView };
}

/** Note that a dashboard is viewed. */
export function useNoteView(projectId: number, id: number) {
  const { noteView } = useOwnDashboards(projectId);
  useEffect(() => {
    noteView(id);
  }, [noteView, id]);
}

/** Order dashboards: favourites first, then those that were viewed last, then those that changed last. */
export function orderDashboards(dashboards: readonly Dashboard[], { viewed, favourites }: OwnDashboards): Dashboard[] {
  return [...dashboards].sort(
    (one, other) =>
      Number(favourites.includes(other.id)) - Number(favourites.includes(one.id)) ||
      (viewed[other.id] ?? "").localeCompare(viewed[one.id] ?? "") ||
      other.updated_at.localeCompare(one.updated_at),
  );
}

function read(text: string | undefined): OwnDashboards {
  try {
    const parsed = JSON.parse(text ?? "null") as Partial<OwnDashboards> | null;
    const { viewed, favourites } = parsed ?? {};
    return {
      viewed: Object.fromEntries(Object.entries(viewed ?? {}).filter(([, at]) => typeof at === "string" && !Number.isNaN(Date.parse(at)))),
      favourites: Array.isArray(favourites) ? favourites.filter((one) => Number.isSafeInteger(one)) : [],
    };
  } catch {
    return NONE;
  }
}
