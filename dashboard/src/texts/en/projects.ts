import { exactNumber } from "../../format/numbers";
import { rich } from "../rich";
import { plural } from "./words";

/** The list of projects. */

export const projects = {
  title: "Projects",
  note: "Each project has its own data and API keys",
  new: "New project",
  emptyTitle: "No projects yet",
  emptyNote: "Create one, or ask for an invitation to one.",
  inactive: "not collecting",
  sample: "Sample",
  sampleNote: "Its data is generated, to look around with",
  remove: "Remove",
  removeSample: (name: string) => `Remove ${name}`,
  eventsInWeek: rich("{count} {noun} in 7 days"),
  eventNoun: (count: number): string => (count === 1 ? "event" : "events"),
  countsUnavailable: (cause: string) => `Counts are not available: ${cause}`,

  namePlaceholder: "My game",
  timeZone: "Time zone",
  timeZoneHint: "Days start and end by this clock in every report",
  noTimeZone: "No such time zone",
  create: "Create",
  notCreated: "Not created",
  readyTitle: (name: string) => `${name} is ready`,
  secretKeyWarning: "Tidemark stores only a hash of the secret key. If the key is lost, replace it in the settings.",
  publicKey: "Public key (for pages and apps)",
  secretKey: "Secret key (for your servers only)",

  deleted: "Deleted",
  deletedList: "Deleted projects",
  deletedNotListed: "Deleted projects could not be listed",
  deletedAt: (time: string) => `Deleted ${time}`,
  restorableUntil: (time: string) => `can be restored until ${time}`,
  restorableByOwner: "an owner of the project can restore it within 7 days",
  progressUnknown: (cause: string) => `the progress is unknown: ${cause}`,
  notRestored: (cause: string) => `Not restored: ${cause}`,
  restore: "Restore",
  restoreOf: (name: string) => `Restore ${name}`,
  deleting: (done: number, total: number, rows: number) =>
    `Its data is being deleted: step ${exactNumber(done)} of ${exactNumber(total)}, ${plural(rows, "row", "rows")} so far. It can no longer be restored.`,
  deletionOf: (name: string) => `Deletion of ${name}`,
};
