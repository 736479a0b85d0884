import type * as english from "../en/answers";

/** Texts of answers and of charts, and of what is shown once. */

export const showOnce: typeof english.showOnce = {
  copied: "Ich habe es kopiert",
  copyNow: "Kopieren Sie das jetzt: Es wird nicht wieder angezeigt",
  download: "Als Datei speichern",
};

export const answers: typeof english.answers = {
  expiredTitle: "Einige Ereignisse sind nicht mehr vorhanden",
  span: (from: string, to: string) => `${from} bis ${to}`,
  expired: (spans: readonly string[]) =>
    `Diese Antwort braucht Ereignisse, die die Aufbewahrungsfrist des Projekts entfernt hat. Ihr fehlt deshalb, was in dieser Zeit geschah: ${spans.join("; ")}.`,
  partial: (intervals: readonly string[]) => `Nur teilweise im Zeitraum: ${intervals.join("; ")}.`,
};

export const charts: typeof english.charts = {
  colours: "Farben",
  cursor: (name: string) => `${name} nach Intervall`,
  expected: "Erwartet bis zum Ende",
  expectedValue: (value: string, low: string, high: string) => `${value} (${low} – ${high})`,
  inProgress: "Läuft noch",
  onDate: (label: string, date: string) => `${label} · ${date}`,
  openInterval: { minute15: "Jetzt", hour: "Jetzt", day: "Heute", week: "Diese Woche", month: "Dieser Monat" },
  peak: (value: string) => `Höchststand ${value}`,
  peakOn: (value: string, day: string) => `Höchststand ${value} · ${day}`,
  pin: (number: number, text: string) => `${number}. ${text}`,
  soFar: (name: string) => `${name} bisher`,
  summary: (label: string, values: string) => `${label}: ${values}`,
  mapNotLoaded: "Die Karte konnte nicht geladen werden.",
  times: "Zeiten",
};
