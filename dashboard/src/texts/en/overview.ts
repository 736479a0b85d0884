import { exactNumber } from "../../format/numbers";
import { rich } from "../rich";
import { events } from "./words";

/** The overview of a project. */

export const overview = {
  timesIn: (zone: string) => `Times in ${zone}`,
  notLoaded: "The figures could not be loaded",
  stale: "These figures may be out of date",
  noEvents: "No events in this period",
  period: "Period",
  periods: {
    today: { label: "Today", previous: "yesterday by this time" },
    "24h": { label: "24 h", previous: "the previous 24 hours" },
    "7d": { label: "7 days", previous: "the previous 7 days" },
    "30d": { label: "30 days", previous: "the previous 30 days" },
    "90d": { label: "90 days", previous: "the previous 90 days" },
  },
  pause: "Pause live updates",
  resume: "Resume live updates",
  updated: (ago: string) => `updated ${ago} ago`,
  behind: (ago: string) => `Data is ${ago} behind`,
  refused: {
    title: (count: number, received: number) =>
      `${events(count)} of ${exactNumber(received)} received in this period ${count === 1 ? "is" : "are"} not counted`,
    bySettings: (count: number, received: number, reasons: string[]) =>
      `This project's settings leave out ${events(count)} of ${exactNumber(received)} received in this period (${reasons.join(", ")})`,
  },
  pausedUpdated: (ago: string) => `paused, updated ${ago} ago`,
  metrics: {
    total_events: "Total events",
    unique_users: "Unique users",
    unique_sessions: "Sessions",
    page_views: "Page views",
  },
  unchanged: "unchanged",
  noPrevious: (previous: string) => `no data for ${previous}`,
  previous: (value: string, previous: string) => `${value} in ${previous}`,
  eventsOverTime: "Events over time",
  eventsOverTimeOf: (total: number) => `Events over time: ${exactNumber(total)} in total`,
  eventsByInterval: (zone: string) => `Events by interval, times in ${zone}`,
  byEvent: "By event",
  topEvents: "Top events",
  mostFrequent: "Most frequent events",
  eventsByName: "Events by name",
  shareOfEvents: "Share of events",
  shareOf: (total: number) => `Share of each event, of ${events(total)}`,
  shareOfAll: "Share of all events",
  event: "Event",
  count: "Count",
  share: "Share",

  recentEvents: "Recent events",
  recentNotLoaded: "Recent events could not be loaded",
  filterByName: "Filter by event",
  allEvents: "All events",
  noSuchEvent: "No such event in this period",
  noneOfThisName: "There are no events with this name",
  columns: { event: "Event", user: "User", source: "Source", when: "When" },
  details: {
    happened: "Happened",
    received: "Received",
    timeZone: "Time zone",
    user: "User",
    session: "Session",
    source: "Source",
    page: "Page",
    eventId: "Event ID",
  },
  properties: "Properties",

  waiting: "Waiting for your first event",
  waitingFailed: "Looking for events failed; this page tries again",
  demo: "Try the demo game",
  demoNote: rich("{link} opens in a new tab and sends its events to this project."),
  demoLink: "Snake",
};
