import { exactNumber } from "../../format/numbers";
import type * as english from "../en/home";
import { rich } from "../rich";
import { events, users } from "./words";

/** The first page of a project. */
export const home: typeof english.home = {
  figureOf: (metric: string, dates: string) => `${metric} · ${dates}`,
  timesIn: (zone: string) => `Zeiten in ${zone}`,
  notLoaded: "Die Zahlen konnten nicht geladen werden",
  stale: "Diese Zahlen sind möglicherweise veraltet",
  keyFigures: "Kennzahlen",
  figures: {
    choose: "Kennzahlen wählen",
    label: "Kennzahlen der Startseite",
    hint: (most: number) => `Höchstens ${exactNumber(most)}, in diesem Browser`,
    noGoals: "Auch Ziele, die Sie anlegen, lassen sich hier wählen, mit der Summe ihres Werts.",
    reset: "Übliche Kennzahlen",
    goal: (name: string) => `Personen, die das Ziel ${name} erreicht haben. Wer es an mehreren Tagen erreicht, zählt einmal.`,
    valueName: (goal: string, property: string) => `${goal}: ${property}`,
    value: (goal: string, property: string) => `Summe von ${property} über die Ereignisse, die das Ziel ${goal} erreicht haben.`,
  },

  allGood: (count: number, clock: string) => `Alles in Ordnung: ${users(count)} jetzt, Daten von ${clock}`,
  behind: (ago: string) => `Die Daten sind ${ago} im Rückstand`,
  broken: (parts: readonly string[]) => `Außer Betrieb: ${parts.join(", ")}.`,
  mayBeBehind: "Die Zahlen können im Rückstand sein.",
  silent: (lasted: string) => `Tidemark antwortet seit ${lasted} nicht`,
  silentSince: (lasted: string, clock: string) => `Tidemark antwortet seit ${lasted} nicht. Die Zahlen sind von ${clock}.`,

  refused: {
    title: (count: number, received: number) =>
      `Von ${exactNumber(received)} in diesem Zeitraum empfangenen ${count === 1 ? "wird" : "werden"} ${events(count)} nicht gezählt`,
    bySettings: (count: number, received: number, reasons: string[]) =>
      `Die Einstellungen dieses Projekts lassen ${events(count)} von ${exactNumber(received)} in diesem Zeitraum empfangenen aus (${reasons.join(", ")}).`,
    byArrival: "Gezählt nach der Ankunft, nicht nach der Zeit der Ereignisse: Ein Import zählt am Tag des Imports.",
  },

  record: (value: string, day: string) => `Bester Tag: ${value} am ${day}.`,
  newRecord: (value: string) => `Heute ist ein neuer Rekord: ${value}.`,
  onCourse: (value: string, share: number | null) =>
    share === null ? `Heute steuert auf ${value} zu.` : `Heute steuert auf ${value} zu (${share} % des besten Tages).`,
  recordToday: (name: string, value: string, before: string) => `Neuer Rekord: heute ${value} ${name} (zuvor: ${before})`,
  chartOf: (name: string) => `${name} im Zeitverlauf`,
  overTime: (name: string, value: string, range: string) => `${name} im Zeitverlauf: ${value}, ${range}`,
  byInterval: (name: string, zone: string) => `${name} nach Intervall, Zeiten in ${zone}`,
  before: "Vorheriger Zeitraum",

  whatChanged: "Was sich geändert hat",
  changesNotLoaded: "Die Änderungen konnten nicht geladen werden",
  nothingChanged: "Kein Ereignis, keine Seite, keine Quelle, kein Land und keine Version hat sich stark geändert.",
  tooNew: (day: string) => `Ihre Ereignisse beginnen am ${day}, der Zeitraum davor ist also nicht vollständig. Änderungen erscheinen, sobald es zwei ganze Zeiträume gibt.`,
  comparedWith: (range: string, previous: string) => `${range}, verglichen mit ${previous}`,
  filterTo: (value: string) => `Nach ${value} filtern`,
  isNew: "neu",
  views: "Aufrufe",
  events: "Ereignisse",
  fromTo: (before: string, after: string, unit: string) => `${before} → ${after} ${unit}`,
  mostlyFrom: (value: string) => `– vor allem aus ${value}`,
  directVisits: "direkten Besuchen",

  pinned: "Gespeicherte Analysen",
  nothingPinned: "Analysen, die Sie speichern, erscheinen hier.",
  explore: "Daten erkunden",

  latestEvents: "Neueste Ereignisse",
  toLive: "Live",
  eventsNotLoaded: "Die neuesten Ereignisse konnten nicht geladen werden",
  columns: { event: "Ereignis", user: "Nutzer", source: "Quelle", when: "Wann" },
  details: {
    happened: "Geschehen",
    received: "Empfangen",
    timeZone: "Zeitzone",
    user: "Nutzer",
    session: "Sitzung",
    source: "Quelle",
    page: "Seite",
    eventId: "Ereignis-ID",
  },
  properties: "Eigenschaften",

  setup: {
    title: (done: number, all: number) => `Erste Schritte: ${done} von ${all} erledigt`,
    dismiss: "Diese Schritte ausblenden",
    done: "Erledigt",
    firstEvent: { name: "Erstes Ereignis senden", note: "Ihre Ereignisse kommen an." },
    identify: { name: "Nutzer identifizieren", note: "Rufen Sie identify bei der Anmeldung auf, um Nutzern über Geräte hinweg zu folgen." },
    invite: { name: "Kollegen einladen", note: "Alle sehen dieselben Zahlen." },
    insight: { name: "Analyse speichern", note: "Ein Trend, ein Trichter oder eine Retention, zu der Sie zurückkehren." },
  },

  waiting: "Warten auf Ihr erstes Ereignis",
  waitingFailed: "Die Suche nach Ereignissen ist fehlgeschlagen; diese Seite versucht es erneut",
  demo: "Demospiel ausprobieren",
  demoNote: rich("{link} öffnet sich in einem neuen Tab und sendet seine Ereignisse an dieses Projekt."),
  demoLink: "Snake",
};

/** Notes on charts. */
export const annotations: typeof english.annotations = {
  title: "Notizen",
  add: "Notiz hinzufügen",
  edit: "Notiz bearbeiten",
  editOf: (text: string) => `Notiz bearbeiten: ${text}`,
  deleteOf: (text: string) => `Notiz löschen: ${text}`,
  deleted: (text: string) => `Notiz „${text}“ gelöscht`,
  text: "Was geschehen ist",
  placeholder: "Version 1.5 veröffentlicht",
  time: (zone: string) => `Wann (${zone})`,
  noTime: "Geben Sie ein Datum und eine Uhrzeit ein.",
};
