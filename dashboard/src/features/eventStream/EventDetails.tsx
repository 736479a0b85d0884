import type { RecentEvent } from "../../api/requests/client";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { SafeLink } from "../../components/text/SafeLink";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import classes from "./EventList.module.css";

/** The fields and properties of an event. */
export function EventDetails({ event, zone }: { event: RecentEvent; zone: string }) {
  const texts = t.home.details;
  return (
    <div className={classes.details}>
      <DefinitionList
        isCompact
        items={[
          [texts.happened, exactTime(event.timestamp, zone)],
          [texts.received, exactTime(event.received_at, zone)],
          [texts.timeZone, zone],
          [texts.user, event.distinct_id],
          [texts.session, event.session_id ?? t.common.none],
          [texts.source, event.source ?? t.common.none],
          [texts.page, event.page_url ? <SafeLink address={event.page_url} /> : t.common.none],
          [texts.eventId, event.event_id],
        ]}
      />
      <pre className={classes.properties} aria-label={t.home.properties}>
        {JSON.stringify(event.properties, null, 2)}
      </pre>
    </div>
  );
}
