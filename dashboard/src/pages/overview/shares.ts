import type { TopEvents } from "../../api/client";

/** A part of all events. */
export interface Share {
  name: string;
  count: number;
  /** 0 to 1. */
  share: number;
  /** The sum of all names without a slice of their own. */
  isRest: boolean;
}

const MOST_SLICES = 6;

/** The most frequent names, and what remains of the total as one last part. */
export function shares({ items, total_events: total }: Pick<TopEvents, "items" | "total_events">): Share[] {
  const named = items.slice(0, MOST_SLICES).map(({ event_name: name, count, share }) => ({
    name,
    count,
    share,
    isRest: false,
  }));
  const rest = total - named.reduce((sum, { count }) => sum + count, 0);
  return rest > 0 ? [...named, { name: "All others", count: rest, share: rest / total, isRest: true }] : named;
}
