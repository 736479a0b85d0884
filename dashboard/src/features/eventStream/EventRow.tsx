import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import type { RecentEvent } from "../../api/requests/client";
import { ago, exactTime } from "../../format/time";
import { t } from "../../texts";
import classes from "./EventList.module.css";

interface EventRowProps {
  event: RecentEvent;
  zone: string;
  /** Milliseconds since 1970. */
  now: number;
  isOpen: boolean;
  onToggle: () => void;
}

/** An event in one line. All of its fields are untrusted, and shown as text. */
export function EventRow({ event, zone, now, isOpen, onToggle }: EventRowProps) {
  return (
    <UnstyledButton className={classes.row} onClick={onToggle} aria-expanded={isOpen}>
      <span className={classes.name}>
        <IconChevronRight size={14} className={classes.chevron} aria-hidden="true" />
        <span className={classes.text} title={event.event_name}>{event.event_name}</span>
      </span>
      <span className={`${classes.quiet ?? ""} ${classes.user ?? ""}`} title={event.distinct_id}>{event.distinct_id}</span>
      <span className={`${classes.quiet ?? ""} ${classes.source ?? ""}`} title={event.source ?? ""}>{event.source ?? t.common.none}</span>
      <time
        className={`${classes.quiet ?? ""} ${classes.when ?? ""}`}
        dateTime={event.timestamp}
        title={exactTime(event.timestamp, zone)}
      >
        {ago(event.timestamp, now)}
      </time>
    </UnstyledButton>
  );
}
