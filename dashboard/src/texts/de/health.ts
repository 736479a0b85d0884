import { exactNumber, sharePercent } from "../../format/numbers";
import type { health as english } from "../en/health";
import { events, plural } from "./words";

/** The health of a project's data. */

export const health: typeof english = {
  title: "Zustand",
  note: "Was aus jedem empfangenen Ereignis wurde, und wie schnell",
  notLoaded: "Der Zustand dieses Projekts konnte nicht geladen werden",
  period: "Zeitraum",
  periods: { "24h": "24 h", "7d": "7 Tage", "30d": "30 Tage" },
  good: "Alles in Ordnung",
  goodNote: (received: number) =>
    received === 0 ? "In diesem Zeitraum wurde kein Ereignis empfangen." : `${events(received)} empfangen, nichts erfordert Ihre Aufmerksamkeit.`,
  problemsTitle: (count: number) => plural(count, "Punkt erfordert Ihre Aufmerksamkeit", "Punkte erfordern Ihre Aufmerksamkeit"),
  problems: {
    many_refused: "Mehr als 2 % der empfangenen Ereignisse wurden abgelehnt. Die Gründe stehen unten.",
    dead_letters: "Einige Ereignisse konnten nicht gespeichert werden. Sie bleiben erhalten, bis ein Betreiber sie erneut sendet.",
    near_limit: "Ein Limit ist zu mehr als 80 % ausgeschöpft. Darüber werden Ereignisse mit 429 abgelehnt, bis wieder Platz ist.",
    slow_storing: "Einige Ereignisse warteten mehr als 30 Sekunden, bis sie gespeichert waren.",
    undeclared_proxy: "Ein Proxy vor Tidemark steht nicht in TRUSTED_PROXIES. Alle Besucher scheinen deshalb von einer Adresse zu kommen und teilen deren Limits. Tragen Sie die Adresse des Proxys in TRUSTED_PROXIES ein und starten Sie neu.",
    wrong_clocks: "Viele Geräte haben eine falsche Uhr, deshalb sind einige Zeiten ungenau.",
  },
  received: "Empfangene Ereignisse",
  equation: ({ received, stored, duplicate, refused }: { received: number; stored: number; duplicate: number; refused: number }) =>
    `${exactNumber(received)} empfangen = ${exactNumber(stored)} gespeichert + ${exactNumber(duplicate)} doppelt + ${exactNumber(refused)} abgelehnt`,
  outcomes: {
    stored: { label: "Gespeichert", note: "In jeder Zahl" },
    duplicate: { label: "Doppelt", note: "Mehrfach gesendet, einmal gezählt" },
    refused: { label: "Abgelehnt", note: "In keiner Zahl" },
  },
  ofAll: (share: number) => sharePercent(share),
  reasons: "Abgelehnt, nach Grund",
  noReasons: "In diesem Zeitraum wurde kein Ereignis abgelehnt.",
  warnings: "Vor dem Speichern geändert",
  noWarnings: "Jedes Ereignis wurde so gespeichert, wie es gesendet wurde.",
  sample: "Neuestes",
  ofEvent: (name: string) => `Ereignis: ${name}`,
  fix: "Was zu tun ist",
  bySetting: "Einstellung",
  delay: "Zeit bis zum Speichern",
  delayOf: "Mittlere Sekunden vom Empfang bis zum Speichern, nach Intervall",
  noDelay: "In diesem Zeitraum wurde nichts gespeichert.",
  delayColumns: ["Intervall", "Gespeichert", "Mittel", "Längste"],
  delaySummary: (mean: string, longest: string) => `Mittel ${mean}, längste ${longest}`,
  milliseconds: (count: number) => `${count} ms`,
  limits: "Nutzung der Limits",
  limitNames: { events_per_minute: "Ereignisse pro Minute", events_per_day: "Ereignisse heute (UTC)", events_per_month: "Ereignisse diesen Monat (UTC)" },
  limitNotes: { events_per_minute: "Stärkste Viertelstunde der letzten 24 Stunden", events_per_day: "", events_per_month: "" },
  usage: (used: number, maximum: number | null) => (maximum === null ? `${exactNumber(used)}, kein Limit` : `${exactNumber(used)} von ${exactNumber(maximum)}`),
  changeLimits: "Limits ändern",
  clocks: "Uhren",
  clockFacts: {
    median: "Vom Ereignis bis zum Empfang, die Hälfte der Ereignisse innerhalb von",
    late: "19 von 20 Ereignissen innerhalb von",
    ahead: "Uhren, die vorgehen, gezählt als jetzt",
    ignored: "Uhren, die sich nicht korrigieren ließen",
  },
  clocksNote: (count: number) => `Neueste Auswahl: ${events(count)}`,
  clients: "Apps und SDKs",
  noClients: "Noch ist kein Ereignis gespeichert.",
  clientColumns: ["Quelle", "Version", "Ereignisse", "Zuletzt empfangen"],
  unknownVersion: "nicht angegeben",
};
