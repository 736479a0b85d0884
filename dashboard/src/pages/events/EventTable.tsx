import { UnstyledButton } from "@mantine/core";
import type { RecentEvent } from "../../api/requests/client";
import { withoutScheme } from "../../format/address";
import { countryName } from "../../format/country";
import { ago, exactTime } from "../../format/time";
import { t } from "../../texts";
import classes from "./EventsPage.module.css";

interface EventTableProps {
  events: readonly RecentEvent[];
  zone: string;
  /** Milliseconds since 1970. */
  now: number;
  onOpen: (event: RecentEvent) => void;
}

/** Events in one line each; a click opens their details. All of their fields are untrusted, and shown as text. */
export function EventTable({ events, zone, now, onOpen }: EventTableProps) {
  const { columns } = t.events;
  return (
    <>
      <div className={classes.head} aria-hidden="true">
        {Object.entries(columns).map(([key, label]) => (
          <span key={key} data-column={key}>
            {label}
          </span>
        ))}
      </div>
      <ul className={classes.list} aria-label={t.events.stream}>
        {events.map((event) => (
          <li key={event.event_id}>
            <UnstyledButton
              className={classes.row}
              aria-haspopup="dialog"
              onClick={() => {
                onOpen(event);
              }}
            >
              <span data-column="event" title={event.event_name}>{event.event_name}</span>
              <span data-column="user" title={event.distinct_id}>{event.distinct_id}</span>
              <span data-column="where" title={event.page_url ?? event.source ?? ""}>
                {(event.page_url === null ? null : withoutScheme(event.page_url)) ?? event.source ?? t.common.none}
              </span>
              <span data-column="country" title={event.country ? countryName(event.country) : undefined}>{event.country ? countryName(event.country) : t.common.none}</span>
              <time data-column="when" dateTime={event.timestamp} title={exactTime(event.timestamp, zone)}>
                {ago(event.timestamp, now)}
              </time>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </>
  );
}
