import type * as english from "../en/common";
import { cause } from "./causes";

/** Texts that appear on many pages. */

export const common: typeof english.common = {
  secretKey: "Geheimer Schlüssel",
  formerMember: "Ehemaliges Mitglied",
  addFavourite: (name: string) => `${name} zu den Favoriten hinzufügen`,
  removeFavourite: (name: string) => `${name} aus den Favoriten entfernen`,
  cancel: "Abbrechen",
  clear: (label: string) => `Leeren: ${label}`,
  close: "Schließen",
  copied: "Kopiert",
  copy: "Kopieren",
  copyFailed: "Ausgewählt: Zum Kopieren Strg+C oder ⌘C drücken",
  copyOf: (label: string) => `Kopieren: ${label}`,
  csv: "CSV",
  current: "Sie",
  delete: "Löschen",
  edit: "Bearbeiten",
  email: "E-Mail",
  loading: "Wird geladen",
  loadingOf: (label: string) => `Wird geladen: ${label}`,
  name: "Name",
  none: "–",
  off: "Aus",
  on: "Ein",
  remove: "Entfernen",
  save: "Speichern",
  savePicture: "Als Bild speichern",
  savePictureOf: (name: string) => `Als Bild speichern: ${name}`,
  pictureFailed: "Das Bild konnte nicht gespeichert werden",
  saved: "Gespeichert",
  saving: "Wird gespeichert",
  showAsChart: "Als Diagramm anzeigen",
  showAsTable: "Als Tabelle anzeigen",
  tab: (title: string) => `${title} · Tidemark`,
  tryAgain: "Erneut versuchen",
  tryingAgain: "Wird erneut versucht …",
  undo: "Rückgängig machen",
  unknownDevice: "Unbekanntes Gerät",
  deviceOn: (browser: string, system: string) => `${browser} auf ${system}`,
  pressEnter: (entry: string) => `Nach jedem Eintrag die Eingabetaste drücken (${entry})`,
};

export const errors: typeof english.errors = {
  actionFailed: (action: string) => `„${action}“ ist fehlgeschlagen`,
  cause,
  entry: (number: number, message: string) => `Eintrag ${number}: ${message}`,
  fieldsMarked: "Prüfen Sie die markierten Felder.",
  goesOn: "Diese Seite fragt von selbst erneut.",
  listNotLoaded: "Diese Liste konnte nicht geladen werden",
  notLoaded: "Das konnte nicht geladen werden",
  notSaved: "Nicht gespeichert",
  outdatedList: "Diese Liste ist möglicherweise veraltet",
  pageBroken: "Diese Seite ist abgestürzt",
  partMissing: "Ein Teil des Dashboards konnte nicht geladen werden",
  partMissingHint: "Tidemark wurde aktualisiert oder die Verbindung ist abgebrochen. Laden Sie die Seite neu.",
  refused: "Der Server hat diese Anfrage abgelehnt.",
  reload: "Neu laden",
  request: (id: string) => `Anfrage ${id}`,
  retryAfter: (seconds: number) => `Warten Sie ${seconds} s, bevor Sie es erneut versuchen.`,
  serverFailed: (status: number) => `Der Server hat einen Fehler (${status}). Die Ursache steht in seinem Protokoll; versuchen Sie es gleich noch einmal.`,
  serverRefused: (status: number) => `Der Server hat das abgelehnt (${status}).`,
  slowServer: (seconds: number, subjects: readonly string[]) =>
    `Der Server hat seit ${seconds} Sekunden nicht geantwortet. Diese Seite wartet auf ${subjects.join(", ")}. Sie zeigt die letzten Antworten und macht von selbst weiter, sobald der Server antwortet.`,
  subjects: { accounts: "Konten und Projekte", figures: "Zahlen und Listen", server: "den Zustand des Servers" },
  unexpected: "Das Dashboard hat einen Fehler. Laden Sie die Seite neu; bleibt er, sagen Sie es einem Inhaber dieses Servers.",
  unreachable: "Tidemark ist nicht erreichbar. Prüfen Sie, ob es läuft und ob Sie online sind, und versuchen Sie es dann erneut.",
  timedOut: "Tidemark hat nicht rechtzeitig geantwortet. Versuchen Sie es erneut; bleibt das so, prüfen Sie den Zustand des Servers.",
  unreadable: "Die Antwort kommt nicht von Tidemark. Prüfen Sie die Adresse und Proxys dazwischen.",
};

export const notFound: typeof english.notFound = {
  tab: "Seite nicht gefunden",
  title: "Seite nicht gefunden",
  note: "Diese Seite gibt es nicht, oder Sie sind kein Mitglied ihres Projekts.",
  allProjects: "Alle Projekte",
};

/** Names of a breakdown's rows that have no value to show. */
export const values: typeof english.values = { others: "Alle anderen", missing: "Nicht gesetzt", empty: "Leerer Text" };

export const time: typeof english.time = {
  range: (from: string, to: string) => `${from} – ${to}`,
  weekOf: (day: string) => `Woche vom ${day}`,
  now: "jetzt",
  ago: (duration: string) => `vor ${duration}`,
  seconds: (count: number) => `${String(count).replace(".", ",")} s`,
  minutes: (count: number) => `${count} min`,
  hours: (count: number) => `${count} h`,
  days: (count: number) => `${count} T`,
};
