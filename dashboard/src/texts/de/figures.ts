import { exactNumber } from "../../format/numbers";
import type * as english from "../en/figures";
import { events } from "./words";

/** Texts of metrics, and of the parts that show a figure on any page. */

export const metrics: typeof english.metrics = {
  unique_users: { name: "Nutzer", explanation: "Personen mit mindestens einem Ereignis. Wer an mehreren Tagen kommt, zählt einmal." },
  new_users: { name: "Neue Nutzer", explanation: "Personen, deren allererstes Ereignis in diesem Zeitraum liegt." },
  unique_sessions: { name: "Sitzungen", explanation: "Besuche, die in diesem Zeitraum begannen. Eine Sitzung endet nach einer Pause ohne Ereignisse." },
  page_views: { name: "Seitenaufrufe", explanation: "Seiten und Bildschirme, die geöffnet wurden." },
  total_events: { name: "Ereignisse", explanation: "Alles, was erfasst wurde, jedes Ereignis einmal gezählt." },
  events_per_user: { name: "Ereignisse pro Nutzer", explanation: "Ereignisse geteilt durch Nutzer." },
  views_per_visit: { name: "Aufrufe pro Besuch", explanation: "Seitenaufrufe geteilt durch Besuche." },
  bounce_rate: { name: "Absprungrate", explanation: "Anteil der Besuche mit höchstens einem Ereignis." },
  visit_duration: { name: "Besuchsdauer", explanation: "Durchschnittliche Zeit vom ersten bis zum letzten Ereignis eines Besuchs." },
};

export const kpi: typeof english.kpi = {
  unchanged: "unverändert",
  noPrevious: (period: string) => `keine Daten für ${period}`,
  previous: (value: string, period: string) => `${value} im Zeitraum ${period}`,
  points: (points: number) => `${points < 0 ? "−" : "+"}${exactNumber(Math.abs(points))} Pp.`,
};

export const proof: typeof english.proof = {
  exact: "Exakt",
  events,
  took: (ms: string) => `${ms} ms`,
  asOf: (clock: string) => `Daten von ${clock}`,
  explanation: "Gezählt, nicht geschätzt: jedes Ereignis einmal, auch verspätete.",
  curl: "Dasselbe über die API abfragen",
  sources: {
    rollup: "Anzahlen pro Viertelstunde",
    sealed: "Abgeschlossene Tage",
    raw: "Ereignisse",
    mixed: "Abgeschlossene Tage und für den Rest Ereignisse",
  },
  facts: {
    source: "Gelesen aus",
    sealed: "Abgeschlossene Tage",
    raw: "Aus Ereignissen gezählte Tage",
    refused: "Abgelehnte Ereignisse",
    asOf: "Daten von",
  },
};
