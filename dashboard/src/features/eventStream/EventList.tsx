import { useState } from "react";
import type { RecentEvent } from "../../api/requests/client";
import { useOpenEvent } from "../../components/events/useOpenEvent";
import { t } from "../../texts";
import { EventDetails } from "./EventDetails";
import classes from "./EventList.module.css";
import { EventRow } from "./EventRow";

interface EventListProps {
  events: readonly RecentEvent[];
  /** When the events were received, in milliseconds since 1970. */
  receivedAt: number;
  /** IANA name of the project's time zone. */
  zone: string;
}

/** Events, newest first; a click on one shows its details. New ones are highlighted as they arrive. */
export function EventList({ events, receivedAt, zone }: EventListProps) {
  const [open, setOpenId] = useOpenEvent(events);
  // The open event stays, as the last one, when newer ones push it out.
  const shown = open === null || events.includes(open) ? events : [...events, open];
  // Only events that arrive later are highlighted as new.
  const [firstIds] = useState(() => new Set(events.map((event) => event.event_id)));
  const { columns } = t.home;
  return (
    <>
      <div className={classes.columns} aria-hidden="true">
        <span>{columns.event}</span>
        <span>{columns.user}</span>
        <span>{columns.source}</span>
        <span>{columns.when}</span>
      </div>
      <ul className={classes.list}>
        {shown.map((event) => (
          <li key={event.event_id} data-new={!firstIds.has(event.event_id)} className={classes.item}>
            <EventRow
              event={event}
              zone={zone}
              now={receivedAt}
              isOpen={event === open}
              onToggle={() => {
                setOpenId(event === open ? "" : event.event_id);
              }}
            />
            {event === open ? <EventDetails event={event} zone={zone} /> : null}
          </li>
        ))}
      </ul>
    </>
  );
}
