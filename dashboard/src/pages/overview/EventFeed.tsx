import { ScrollArea, Select, Skeleton, Stack } from "@mantine/core";
import { useState } from "react";
import { useRecentEvents } from "../../api/overview";
import type { Project, RecentEvent } from "../../api/client";
import { Panel } from "../../components/Panel";
import { ErrorAlert } from "../../components/ErrorAlert";
import { EventDetails } from "./EventDetails";
import { EventRow } from "./EventRow";
import classes from "./EventFeed.module.css";

interface EventFeedProps {
  project: Project;
  live: boolean;
  /** Names to filter by. */
  names: string[];
}

/** The newest events as they come in; one click shows all of an event. */
export function EventFeed({ project, live, names }: EventFeedProps) {
  const [name, setName] = useState<string | null>(null);
  const events = useRecentEvents(project.id, name, live);
  const seen = events.data?.items.map((event) => event.event_name) ?? [];
  return (
    <Panel
      title="Recent events"
      actions={
        <Select
          aria-label="Only events named"
          placeholder="All events"
          size="xs"
          w={220}
          clearable
          searchable
          limit={100}
          nothingFoundMessage="No such event in this period"
          data={[...new Set([...names, ...seen, ...(name ? [name] : [])])]}
          value={name}
          onChange={setName}
        />
      }
    >
      {events.error ? (
        <ErrorAlert title="The newest events could not be loaded" error={events.error} retry={() => void events.refetch()} />
      ) : null}
      {events.isPending ? <FeedSkeleton /> : null}
      {events.data ? (
        <Feed key={name} events={events.data.items} at={events.dataUpdatedAt} project={project} />
      ) : null}
    </Panel>
  );
}

interface FeedProps {
  events: RecentEvent[];
  /** When the events were asked for, in milliseconds since 1970. */
  at: number;
  project: Project;
}

function Feed({ events, at, project }: FeedProps) {
  const [open, setOpen] = useState<string | null>(null);
  // What was there at first is not new; what comes later is shown to be.
  const [first] = useState(() => new Set(events.map((event) => event.event_id)));
  if (events.length === 0) return <div className={classes.empty}>No event of this name is stored</div>;
  return (
    <ScrollArea.Autosize mah={560} type="auto" scrollbarSize={8} offsetScrollbars="y">
      <div className={classes.columns} aria-hidden="true">
        <span>Event</span>
        <span>User</span>
        <span>Source</span>
        <span>When</span>
      </div>
      <ul className={classes.list}>
        {events.map((event) => (
          <li key={event.event_id} data-new={!first.has(event.event_id)} className={classes.item}>
            <EventRow
              event={event}
              zone={project.timezone}
              now={at}
              opened={open === event.event_id}
              onToggle={() => {
                setOpen(open === event.event_id ? null : event.event_id);
              }}
            />
            {open === event.event_id ? <EventDetails event={event} zone={project.timezone} /> : null}
          </li>
        ))}
      </ul>
    </ScrollArea.Autosize>
  );
}

function FeedSkeleton() {
  return (
    <Stack gap={6} aria-busy="true" aria-label="Loading">
      {[1, 2, 3, 4, 5, 6].map((place) => (
        <Skeleton key={place} height={32} />
      ))}
    </Stack>
  );
}
