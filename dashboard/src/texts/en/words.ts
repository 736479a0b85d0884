import { exactNumber } from "../../format/numbers";
import type { Interval } from "../../format/time";
import type { Compare } from "../../report/reportState";

/** Words that the texts of several pages are made of. */

export function plural(count: number, one: string, other: string): string {
  return `${exactNumber(count)} ${count === 1 ? one : other}`;
}

export const events = (count: number) => plural(count, "event", "events");
export const users = (count: number) => plural(count, "user", "users");
export const sessions = (count: number) => plural(count, "session", "sessions");

/** The dates that figures are compared with. */
export const comparedWith: Record<Compare, string> = {
  none: "previous period",
  previous_period: "previous period",
  previous_year: "previous year",
  weekdays: "same weekdays before",
};

/** What a radio button says, and the consequence below it. */
export interface OptionText {
  label: string;
  note: string;
}

export const INTERVALS: Record<Interval, { one: string; other: string; adverb: string; title: string }> = {
  minute15: { one: "15 minutes", other: "periods of 15 minutes", adverb: "Every 15 minutes", title: "15 minutes" },
  hour: { one: "hour", other: "hours", adverb: "Hourly", title: "Hour" },
  day: { one: "day", other: "days", adverb: "Daily", title: "Day" },
  week: { one: "week", other: "weeks", adverb: "Weekly", title: "Week" },
  month: { one: "month", other: "months", adverb: "Monthly", title: "Month" },
};
