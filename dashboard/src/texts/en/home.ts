import { exactNumber } from "../../format/numbers";
import { rich } from "../rich";
import { events, users } from "./words";

/** The first page of a project. */
export const home = {
  figureOf: (metric: string, dates: string) => `${metric} · ${dates}`,
  timesIn: (zone: string) => `Times in ${zone}`,
  notLoaded: "The figures could not be loaded",
  stale: "These figures may be out of date",
  keyFigures: "Key figures",
  figures: {
    choose: "Choose figures",
    label: "Figures on Home",
    hint: (most: number) => `Up to ${exactNumber(most)}, in this browser`,
    noGoals: "Goals that you create can be chosen here too, with the sum of their value.",
    reset: "Default figures",
    goal: (name: string) => `People who reached the goal ${name}. Someone who reached it on several days counts once.`,
    valueName: (goal: string, property: string) => `${goal}: ${property}`,
    value: (goal: string, property: string) => `Sum of ${property} over the events that reached the goal ${goal}.`,
  },

  allGood: (count: number, clock: string) => `All good: ${users(count)} now, data as of ${clock}`,
  behind: (ago: string) => `Data is ${ago} behind`,
  broken: (parts: readonly string[]) => `Not working: ${parts.join(", ")}.`,
  mayBeBehind: "Figures may be behind.",
  silent: (lasted: string) => `Tidemark has not answered for ${lasted}`,
  silentSince: (lasted: string, clock: string) => `Tidemark has not answered for ${lasted}. Figures are of ${clock}.`,

  refused: {
    title: (count: number, received: number) =>
      `${events(count)} of ${exactNumber(received)} received in this period ${count === 1 ? "is" : "are"} not counted`,
    bySettings: (count: number, received: number, reasons: string[]) =>
      `This project's settings leave out ${events(count)} of ${exactNumber(received)} received in this period (${reasons.join(", ")}).`,
    byArrival: "Counted by when events arrived, not by when they happened: an import counts on the day of the import.",
  },

  record: (value: string, day: string) => `Best day: ${value} on ${day}.`,
  newRecord: (value: string) => `Today is a new record: ${value}.`,
  onCourse: (value: string, share: number | null) =>
    share === null ? `Today is on course for ${value}.` : `Today is on course for ${value} (${share}% of the best day).`,
  recordToday: (name: string, value: string, before: string) => `New record: ${value} ${name.toLowerCase()} today (before: ${before})`,
  chartOf: (name: string) => `${name} over time`,
  overTime: (name: string, value: string, range: string) => `${name} over time: ${value}, ${range}`,
  byInterval: (name: string, zone: string) => `${name} by interval, times in ${zone}`,
  before: "Period before",

  whatChanged: "What changed",
  changesNotLoaded: "The changes could not be loaded",
  nothingChanged: "No event, page, source, country or version changed much.",
  tooNew: (day: string) => `Your events begin on ${day}, so the period before is not complete. Changes appear once there are two whole periods.`,
  comparedWith: (range: string, previous: string) => `${range}, compared with ${previous}`,
  filterTo: (value: string) => `Filter to ${value}`,
  isNew: "new",
  views: "views",
  events: "events",
  fromTo: (before: string, after: string, unit: string) => `${before} → ${after} ${unit}`,
  mostlyFrom: (value: string) => `– mostly from ${value}`,
  directVisits: "direct visits",

  pinned: "Saved insights",
  nothingPinned: "Insights that you save appear here.",
  explore: "Explore your data",

  latestEvents: "Latest events",
  toLive: "Live",
  eventsNotLoaded: "The latest events could not be loaded",
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

  setup: {
    title: (done: number, all: number) => `Get started: ${done} of ${all} done`,
    dismiss: "Hide these steps",
    done: "Done",
    firstEvent: { name: "Send the first event", note: "Your events are arriving." },
    identify: { name: "Identify users", note: "Call identify when people sign in, to follow them across devices." },
    invite: { name: "Invite a colleague", note: "Everyone sees the same figures." },
    insight: { name: "Save an insight", note: "A trend, a funnel or retention that you come back to." },
  },

  waiting: "Waiting for your first event",
  waitingFailed: "Looking for events failed; this page tries again",
  demo: "Try the demo game",
  demoNote: rich("{link} opens in a new tab and sends its events to this project."),
  demoLink: "Snake",
};

/** Notes on charts. */
export const annotations = {
  title: "Notes",
  add: "Add note",
  edit: "Edit note",
  editOf: (text: string) => `Edit note: ${text}`,
  deleteOf: (text: string) => `Delete note: ${text}`,
  deleted: (text: string) => `Note “${text}” deleted`,
  text: "What happened",
  placeholder: "Version 1.5 released",
  time: (zone: string) => `When (${zone})`,
  noTime: "Enter a date and a time.",
};
