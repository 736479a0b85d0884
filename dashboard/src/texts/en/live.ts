import { exactNumber } from "../../format/numbers";
import { users } from "./words";

/** What happens in a project right now. */
export const live = {
  title: "Live",
  tab: (project: string) => `Live: ${project}`,
  notLoaded: "What happens now could not be loaded",
  stale: "This may be out of date",
  now: "Users now",
  nowNote: (minutes: number) => `with an event in the last ${minutes === 1 ? "minute" : `${minutes} minutes`}`,
  minutesOf: (counts: readonly number[]) => `Users per minute, the last ${counts.length} minutes: ${counts.join(", ")}`,
  minute: (clock: string, count: number) => `${clock}: ${users(count)}`,
  minutesAgo: (count: number) => `${exactNumber(count)} min ago`,
  usersAt: (name: string, count: number) => `${name}: ${users(count)}`,
  pages: "Pages now",
  sources: "Sources now",
  countries: "Countries now",
  nobody: "Nobody is there now.",
  nobodyOnPages: "Nobody is on a page now.",
  direct: "Direct / none",
  noPage: "No page",
  unknown: "Unknown",
  stream: "Events",
  filterByName: "Filter by event",
  allEvents: "All events",
  noSuchEvent: "No such event",
  noneOfThisName: "There are no events with this name.",
  noEvents: "No events yet.",
  pause: "Pause",
  resume: "Resume",
  paused: "Paused",
  waiting: "Paused while you read the events",
};
