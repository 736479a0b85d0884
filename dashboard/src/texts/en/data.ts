import { rich } from "../rich";

/** Import and export. */

export const data = {
  title: "Import & export",
  note: "Bring history in, and take your events with you: everything that is stored, in open formats",
  events: "Events",
  eventsNote: "The events of the chosen period that match the filters, oldest first. The file is written while it is sent, so it may be of any size.",
  event: "Event",
  anyEvent: "Any event",
  noSuchEvent: "No such event",
  format: "Format",
  formats: { csv: "CSV, for spreadsheets", jsonl: "JSON lines", json: "JSON", parquet: "Parquet, for data tools" },
  download: "Download",
  fromCommandLine: "From the command line",
  keyNote: rich("With a secret key ({prefix}…) of this project."),
  users: "Data of a user",
  usersNote: rich("Everything that is stored of one user is exported, or deleted for good, on the user's own page: search in {users}."),
  usersLink: "People",
};
