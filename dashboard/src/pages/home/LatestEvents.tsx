import { Anchor, Skeleton } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project, RecentEvent } from "../../api/requests/client";
import type { useLive } from "../../api/reports/home";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { Panel } from "../../components/page/Panel";
import { EventList } from "../../features/eventStream/EventList";
import { t } from "../../texts";

interface LatestEventsProps {
  project: Project;
  live: ReturnType<typeof useLive>;
  /** Newest first: of the answer, and those that arrived since. */
  events: readonly RecentEvent[];
}

/** The newest events, and the way to all that happens now. */
export function LatestEvents({ project, live, events }: LatestEventsProps) {
  return (
    <Panel
      title={t.home.latestEvents}
      actions={
        <Anchor component={Link} to={projectAddress(project.id, "/live")} size="sm">
          {t.home.toLive}
        </Anchor>
      }
    >
      {live.error && !live.data ? <ErrorAlert title={t.home.eventsNotLoaded} error={live.error} retry={() => void live.refetch()} /> : null}
      {live.isPending ? <Skeleton height={260} /> : null}
      {live.data ? <EventList events={events} receivedAt={live.dataUpdatedAt} zone={project.timezone} /> : null}
    </Panel>
  );
}
