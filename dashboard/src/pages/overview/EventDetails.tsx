import type { ReactNode } from "react";
import type { RecentEvent } from "../../api/client";
import { SafeLink } from "../../components/SafeLink";
import { exactTime } from "../../format/time";
import classes from "./EventFeed.module.css";

/** All that is known of an event. */
export function EventDetails({ event, zone }: { event: RecentEvent; zone: string }) {
  const facts: [string, ReactNode][] = [
    ["Happened", exactTime(event.timestamp, zone)],
    ["Received", exactTime(event.received_at, zone)],
    ["Time zone", zone],
    ["User", event.distinct_id],
    ["Session", event.session_id ?? "–"],
    ["Source", event.source ?? "–"],
    ["Page", event.page_url ? <SafeLink address={event.page_url} /> : "–"],
    ["Event id", event.event_id],
  ];
  return (
    <div className={classes.details}>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <pre className={classes.properties} aria-label="Properties">
        {JSON.stringify(event.properties, null, 2)}
      </pre>
    </div>
  );
}
