import { exactNumber } from "../../format/numbers";
import type { projects as english } from "../en/projects";
import { rich } from "../rich";
import { plural } from "./words";

/** The list of projects. */

export const projects: typeof english = {
  title: "Projekte",
  note: "Jedes Projekt hat eigene Daten und API-Schlüssel",
  new: "Neues Projekt",
  emptyTitle: "Noch keine Projekte",
  emptyNote: "Erstellen Sie eines, oder bitten Sie um eine Einladung.",
  inactive: "sammelt nicht",
  sample: "Beispiel",
  sampleNote: "Die Daten sind erzeugt, zum Umsehen",
  remove: "Entfernen",
  removeSample: (name: string) => `${name} entfernen`,
  eventsInWeek: rich("{count} {noun} in 7 Tagen"),
  eventNoun: (count: number) => (count === 1 ? "Ereignis" : "Ereignisse"),
  countsUnavailable: (cause: string) => `Anzahlen sind nicht verfügbar: ${cause}`,

  namePlaceholder: "Mein Spiel",
  timeZone: "Zeitzone",
  timeZoneHint: "Nach dieser Uhr beginnen und enden die Tage in jedem Bericht",
  noTimeZone: "Keine solche Zeitzone",
  create: "Erstellen",
  notCreated: "Nicht erstellt",
  readyTitle: (name: string) => `${name} ist bereit`,
  secretKeyWarning: "Tidemark speichert vom geheimen Schlüssel nur einen Hash. Geht der Schlüssel verloren, ersetzen Sie ihn in den Einstellungen.",
  publicKey: "Öffentlicher Schlüssel (für Seiten und Apps)",
  secretKey: "Geheimer Schlüssel (nur für Ihre Server)",

  deleted: "Gelöscht",
  deletedList: "Gelöschte Projekte",
  deletedNotListed: "Gelöschte Projekte konnten nicht aufgelistet werden",
  deletedAt: (time: string) => `Gelöscht ${time}`,
  restorableUntil: (time: string) => `wiederherstellbar bis ${time}`,
  restorableByOwner: "ein Inhaber des Projekts kann es innerhalb von 7 Tagen wiederherstellen",
  progressUnknown: (cause: string) => `der Fortschritt ist unbekannt: ${cause}`,
  notRestored: (cause: string) => `Nicht wiederhergestellt: ${cause}`,
  restore: "Wiederherstellen",
  restoreOf: (name: string) => `${name} wiederherstellen`,
  deleting: (done: number, total: number, rows: number) =>
    `Die Daten werden gelöscht: Schritt ${exactNumber(done)} von ${exactNumber(total)}, bisher ${plural(rows, "Zeile", "Zeilen")}. Das Projekt lässt sich nicht mehr wiederherstellen.`,
  deletionOf: (name: string) => `Löschung von ${name}`,
};
