import { exactNumber } from "../../format/numbers";
import { users } from "./words";

/** Texts of figures that lead to users, and of lists of users anywhere. */
export const persons = {
  users,
  unnamed: (id: number) => `User ${id}`,
  columns: {
    user: "User",
    country: "Country",
    device: "Device",
    firstSeen: "First seen",
    lastSeen: "Last seen",
    events: "Events",
    sessions: "Sessions",
  },
  loadMore: "Show more users",
  never: "never",
  nobody: "Nobody is behind this figure.",
  listNotLoaded: "The users couldn't be loaded",
  shownOf: (shown: number, total: number) => `${exactNumber(shown)} of ${exactNumber(total)} shown`,
  download: "Download CSV",
  notDownloaded: "The file couldn't be downloaded",
  saveAsCohort: "Save as cohort",
  cohortName: "Name of the cohort",
  cohortNote: "The cohort holds exactly these users. It doesn't change later.",
  cohortSaved: (name: string) => `Saved as the cohort “${name}”.`,
  openCohort: "Open cohort",
  save: "Save cohort",
};

export const door = {
  open: (figure: string) => `${figure}: show users`,
  ways: "More about this figure",
  breakDown: "Break down",
  filter: "Filter to this",
  explore: "Open in Explore",
  copyLink: "Copy link",
  copied: "Link copied",
  notCopied: "The link couldn't be copied",
};
