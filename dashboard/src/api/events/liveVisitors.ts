import { useEffect, useState } from "react";
import { followSocket } from "./liveSocket";

interface VisitorMessage {
  type: string;
  count?: number;
}

const NOTHING = { of: "", count: null as number | null };

/**
 * How many visitors are online, as they come and go; null while it is not known, because the
 * connection is not open.
 *
 * @param community only visitors of this community; null: of all.
 */
export function useVisitorsOnline(projectId: number, community: string | null = null): number | null {
  const [known, setKnown] = useState(NOTHING);
  const of = `${projectId} ${community ?? ""}`;
  useEffect(
    () =>
      followSocket<VisitorMessage>({
        projectId,
        path: "/ws/analytics/visitors/",
        query: () => ({ project_id: String(projectId), ...(community === null ? {} : { community_id: community }) }),
        first: "visitor_count",
        onMessage: ({ count }) => {
          if (count !== undefined) setKnown({ of, count });
        },
        onConnection: (isConnected) => {
          if (!isConnected) setKnown(NOTHING);
        },
      }),
    [projectId, community, of],
  );
  return known.of === of ? known.count : null;
}
