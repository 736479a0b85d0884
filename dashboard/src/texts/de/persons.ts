import { exactNumber } from "../../format/numbers";
import type * as english from "../en/persons";
import { users } from "./words";

/** Texts of figures that lead to users, and of lists of users anywhere. */
export const persons: typeof english.persons = {
  users,
  unnamed: (id: number) => `Nutzer ${id}`,
  columns: {
    user: "Nutzer",
    country: "Land",
    device: "Gerät",
    firstSeen: "Zuerst aktiv",
    lastSeen: "Zuletzt aktiv",
    events: "Ereignisse",
    sessions: "Sitzungen",
  },
  loadMore: "Weitere Nutzer anzeigen",
  never: "nie",
  nobody: "Hinter dieser Zahl steht niemand.",
  listNotLoaded: "Die Nutzer konnten nicht geladen werden",
  shownOf: (shown: number, total: number) => `${exactNumber(shown)} von ${exactNumber(total)} gezeigt`,
  download: "CSV herunterladen",
  notDownloaded: "Die Datei konnte nicht heruntergeladen werden",
  saveAsCohort: "Als Kohorte speichern",
  cohortName: "Name der Kohorte",
  cohortNote: "Die Kohorte enthält genau diese Nutzer. Sie ändert sich später nicht.",
  cohortSaved: (name: string) => `Als Kohorte „${name}“ gespeichert.`,
  openCohort: "Kohorte öffnen",
  save: "Kohorte speichern",
};

export const door: typeof english.door = {
  open: (figure: string) => `${figure}: Nutzer anzeigen`,
  ways: "Mehr zu dieser Zahl",
  breakDown: "Aufschlüsseln",
  filter: "Danach filtern",
  explore: "In „Erkunden“ öffnen",
  copyLink: "Link kopieren",
  copied: "Link kopiert",
  notCopied: "Der Link konnte nicht kopiert werden",
};
