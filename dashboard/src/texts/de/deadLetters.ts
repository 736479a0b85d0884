import type { deadLetters as english } from "../en/deadLetters";
import { events } from "./words";

/** Events that could not be stored, for owners of the server. */
export const deadLetters: typeof english = {
  title: "Nicht speicherbar",
  note: "Ereignisse, die nicht gespeichert werden konnten. Beheben Sie die Ursache, und senden Sie sie dann erneut.",
  count: (shown: number, total: string) => `${String(shown)} von ${total}`,
  empty: "Alle Ereignisse konnten gespeichert werden.",
  noMatch: "Kein Ereignis entspricht der Auswahl.",
  showMore: "Mehr Ereignisse zeigen",
  project: "Projekt",
  anyProject: "Alle Projekte",
  reason: "Grund",
  anyReason: "Alle Gründe",
  reasons: {
    refused_by_database: "Von der Datenbank abgelehnt",
    failed_to_store: "Speichern fehlgeschlagen",
    undecodable: "Unlesbar",
  },
  time: "Zeit",
  anyTime: "Jederzeit",
  times: { "1": "Letzte 24 Stunden", "7": "Letzte 7 Tage", "30": "Letzte 30 Tage" },
  unknownProject: "unbekanntes Projekt",
  noName: "kein Name",
  show: (name: string) => `${name} zeigen`,
  replay: "Erneut senden",
  replayOf: (count: number) => `${String(count)} erneut senden`,
  replayed: (count: number) =>
    `${events(count)} ${count === 1 ? "ist" : "sind"} unterwegs. Was sich nicht speichern lässt, kommt hierher zurück.`,
  discard: "Verwerfen",
  discardOf: (count: number) => `${String(count)} verwerfen`,
  discardTitle: (count: number) => (count === 1 ? "Dieses Ereignis verwerfen?" : `${String(count)} Ereignisse verwerfen?`),
  discardAction: "Endgültig verwerfen",
  discardNote:
    "Die Ereignisse werden gelöscht und können nicht erneut gesendet werden. Sie bleiben als empfangen gezählt, und die Protokolle ihrer Projekte halten fest, wie viele es waren.",
  discarded: (count: number) => `${events(count)} ${count === 1 ? "wurde" : "wurden"} verworfen.`,
  notDone: "Nicht ausgeführt",
  gone: "Einige hat inzwischen jemand anderes erneut gesendet oder verworfen.",
  detail: "Meldung",
  died: "Nicht gespeichert um",
  received: "Empfangen",
  protocol: "Protokoll",
  eventId: "Ereignis-ID",
  event: "Ereignis",
  unreadable: "Was empfangen wurde, ist nicht lesbar. Dies ist der Eintrag des Stroms, in Base64.",
  notLoaded: "Das Ereignis konnte nicht geladen werden",
};
