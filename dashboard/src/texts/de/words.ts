import { exactNumber } from "../../format/numbers";
import type { Interval } from "../../format/time";
import type { Compare } from "../../report/reportState";

/** Words that the texts of several pages are made of. */

export function plural(count: number, one: string, other: string): string {
  return `${exactNumber(count)} ${count === 1 ? one : other}`;
}

export const events = (count: number) => plural(count, "Ereignis", "Ereignisse");
export const users = (count: number) => plural(count, "Nutzer", "Nutzer");
export const sessions = (count: number) => plural(count, "Sitzung", "Sitzungen");
export const days = (count: number) => plural(count, "Tag", "Tage");

/** The dates that figures are compared with. */
export const comparedWith: Record<Compare, string> = {
  none: "vorheriger Zeitraum",
  previous_period: "vorheriger Zeitraum",
  previous_year: "Vorjahr",
  weekdays: "gleiche Wochentage davor",
};

/** The same, in the dative case: "gegenüber dem Vorjahr". */
export const comparedWithDative: Record<Compare, string> = {
  none: "dem vorherigen Zeitraum",
  previous_period: "dem vorherigen Zeitraum",
  previous_year: "dem Vorjahr",
  weekdays: "den gleichen Wochentagen davor",
};

export const INTERVALS: Record<Interval, { one: string; other: string; adverb: string; title: string }> = {
  minute15: { one: "Viertelstunde", other: "Viertelstunden", adverb: "Alle 15 Minuten", title: "15 Minuten" },
  hour: { one: "Stunde", other: "Stunden", adverb: "Stündlich", title: "Stunde" },
  day: { one: "Tag", other: "Tage", adverb: "Täglich", title: "Tag" },
  week: { one: "Woche", other: "Wochen", adverb: "Wöchentlich", title: "Woche" },
  month: { one: "Monat", other: "Monate", adverb: "Monatlich", title: "Monat" },
};

/** "an diesem Tag", "in dieser Woche". */
export const IN_INTERVAL: Record<Interval, string> = {
  minute15: "in dieser Viertelstunde",
  hour: "in dieser Stunde",
  day: "an diesem Tag",
  week: "in dieser Woche",
  month: "in diesem Monat",
};
