import { Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { usePersonEvents, type PersonEvent } from "../../api/persons/persons";
import { EmptyState } from "../../components/states/EmptyState";
import { FailedState } from "../../notices/FailedState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Panel } from "../../components/page/Panel";
import { withoutScheme } from "../../format/address";
import { duration } from "../../format/duration";
import { ago, clockTime, exactTime } from "../../format/time";
import { t } from "../../texts";
import { Properties } from "./Properties";
import classes from "./Timeline.module.css";

/** What a person did, newest first, session by session. */
export function Timeline({ project, personId }: { project: Project; personId: number }) {
  const list = usePersonEvents(project.id, personId);
  const texts = t.people.profile;
  if (list.error && !list.data) return <FailedState error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <ListSkeleton />;
  const events = list.data.pages.flatMap(({ items }) => items);
  if (events.length === 0) return <EmptyState title={texts.noEvents} />;
  return (
    <>
      <Events events={events} zone={project.timezone} now={list.dataUpdatedAt} />
      <LoadMoreButton label={texts.more} list={list} />
    </>
  );
}

interface EventsProps {
  events: readonly PersonEvent[];
  zone: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** Events, newest first, those of one session together. */
export function Events({ events, zone, now }: EventsProps) {
  const texts = t.people.profile;
  return groupBySession(events).map(({ key, sessionId, events: inside }) => {
    const [newest, oldest] = [inside[0], inside.at(-1)];
    if (!newest || !oldest) return null;
    const seconds = (new Date(newest.timestamp).getTime() - new Date(oldest.timestamp).getTime()) / 1_000;
    const title = sessionId === null ? texts.noSession : `${exactTime(oldest.timestamp, zone)}, ${ago(oldest.timestamp, now)}`;
    return (
      <div key={key} className={classes.session}>
        <Panel
          title={title}
          actions={
            <Text size="xs" c="dimmed">
              {texts.sessionOf(inside.length, duration(seconds))}
            </Text>
          }
        >
          <ol className={classes.events}>
            {inside.map((event) => (
              <EventLine key={event.id} event={event} zone={zone} />
            ))}
          </ol>
        </Panel>
      </div>
    );
  });
}

function EventLine({ event, zone }: { event: PersonEvent; zone: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li>
      <UnstyledButton
        className={classes.event}
        aria-expanded={isOpen}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        <IconChevronRight size={14} className={classes.chevron} aria-hidden="true" />
        <span className={classes.name} title={event.event_name}>
          {event.event_name}
        </span>
        <span className={classes.page} title={event.page_url ?? ""}>
          {event.page_url === null ? null : withoutScheme(event.page_url)}
        </span>
        <time className={classes.time} dateTime={event.timestamp} title={exactTime(event.timestamp, zone)}>
          {clockTime(event.timestamp, zone)}
        </time>
      </UnstyledButton>
      {isOpen ? (
        <div className={classes.details}>
          <Properties properties={detailsOf(event)} isWithin label={t.people.profile.eventDetails(event.event_name)} />
        </div>
      ) : null}
    </li>
  );
}

/** What an event says beside its name and time. */
function detailsOf({ properties, ...fields }: PersonEvent): Record<string, unknown> {
  const shown = Object.entries(fields).filter(([name, value]) => value !== null && !IN_LINE.has(name));
  return { ...Object.fromEntries(shown), ...properties };
}

const IN_LINE = new Set(["id", "event_name", "event_type", "timestamp"]);

interface Session {
  key: number;
  sessionId: string | null;
  events: PersonEvent[];
}

/** Put neighbours of one session together. */
function groupBySession(events: readonly PersonEvent[]): Session[] {
  const groups: Session[] = [];
  for (const event of events) {
    const last = groups.at(-1);
    if (last?.sessionId === event.session_id) last.events.push(event);
    else groups.push({ key: event.id, sessionId: event.session_id, events: [event] });
  }
  return groups;
}
