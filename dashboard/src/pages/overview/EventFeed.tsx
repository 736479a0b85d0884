import { ScrollArea, Select, Skeleton, Stack } from "@mantine/core";
import { useState } from "react";
import type { Project, RecentEvent } from "../../api/client";
import { useRecentEvents } from "../../api/overview";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Panel } from "../../components/Panel";
import { useAddressState } from "../../components/useAddressState";
import { t } from "../../texts";
import { EventDetails } from "./EventDetails";
import classes from "./EventFeed.module.css";
import { EventRow } from "./EventRow";

interface EventFeedProps {
  project: Project;
  isLive: boolean;
  /** Event names to filter by. */
  names: string[];
}

/** The newest events as they arrive; a click on one shows its details. */
export function EventFeed({ project, isLive, names }: EventFeedProps) {
  const [chosen, setChosen] = useAddressState("event");
  const name = chosen || null;
  const events = useRecentEvents(project.id, name, isLive);
  const recentNames = events.data?.items.map((event) => event.event_name) ?? [];
  return (
    <Panel
      title={t.overview.recentEvents}
      actions={
        <Select
          aria-label={t.overview.filterByName}
          placeholder={t.overview.allEvents}
          size="xs"
          w={220}
          clearable
          searchable
          limit={100}
          nothingFoundMessage={t.overview.noSuchEvent}
          data={[...new Set([...names, ...recentNames, ...(name ? [name] : [])])]}
          value={name}
          onChange={(value) => {
            setChosen(value ?? "");
          }}
        />
      }
    >
      {events.error ? (
        <ErrorAlert title={t.overview.recentNotLoaded} error={events.error} retry={() => void events.refetch()} />
      ) : null}
      {events.isPending ? <FeedSkeleton /> : null}
      {events.data ? (
        <Feed key={name} events={events.data.items} receivedAt={events.dataUpdatedAt} project={project} />
      ) : null}
    </Panel>
  );
}

interface FeedProps {
  events: RecentEvent[];
  /** When the events were received, in milliseconds since 1970. */
  receivedAt: number;
  project: Project;
}

function Feed({ events, receivedAt, project }: FeedProps) {
  const [openId, setOpenId] = useAddressState("open");
  // Only events that arrive later are highlighted as new.
  const [firstIds] = useState(() => new Set(events.map((event) => event.event_id)));
  if (events.length === 0) return <div className={classes.empty}>{t.overview.noneOfThisName}</div>;
  const { columns } = t.overview;
  return (
    <ScrollArea.Autosize mah={560} type="auto" scrollbarSize={8} offsetScrollbars="y" viewportProps={{ tabIndex: 0, role: "group", "aria-label": t.overview.recentEvents }}>
      <div className={classes.columns} aria-hidden="true">
        <span>{columns.event}</span>
        <span>{columns.user}</span>
        <span>{columns.source}</span>
        <span>{columns.when}</span>
      </div>
      <ul className={classes.list}>
        {events.map((event) => (
          <li key={event.event_id} data-new={!firstIds.has(event.event_id)} className={classes.item}>
            <EventRow
              event={event}
              zone={project.timezone}
              now={receivedAt}
              isOpen={openId === event.event_id}
              onToggle={() => {
                setOpenId(openId === event.event_id ? "" : event.event_id);
              }}
            />
            {openId === event.event_id ? <EventDetails event={event} zone={project.timezone} /> : null}
          </li>
        ))}
      </ul>
    </ScrollArea.Autosize>
  );
}

function FeedSkeleton() {
  return (
    <Stack gap={6} aria-busy="true" aria-label={t.common.loading}>
      {[1, 2, 3, 4, 5, 6].map((index) => (
        <Skeleton key={index} height={32} />
      ))}
    </Stack>
  );
}
