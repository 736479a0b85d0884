import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import type { RecentEvent } from "../../api/client";
import { ago, exactTime } from "../../format/time";
import classes from "./EventFeed.module.css";

interface EventRowProps {
  event: RecentEvent;
  zone: string;
  /** Milliseconds since 1970. */
  now: number;
  opened: boolean;
  onToggle: () => void;
}

/** One event in a line. Everything in it was written by strangers, and is text. */
export function EventRow({ event, zone, now, opened, onToggle }: EventRowProps) {
  return (
    <UnstyledButton className={classes.row} onClick={onToggle} aria-expanded={opened}>
      <span className={classes.name}>
        <IconChevronRight size={14} className={classes.chevron} aria-hidden="true" />
        <span className={classes.text}>{event.event_name}</span>
      </span>
      <span className={`${classes.quiet ?? ""} ${classes.user ?? ""}`}>{event.distinct_id}</span>
      <span className={`${classes.quiet ?? ""} ${classes.source ?? ""}`}>{event.source ?? "–"}</span>
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
