import type { INTERVALS } from "../constants.gen";
import { t } from "../texts";
import { LOCALE } from "../texts/locale";

/** Times are shown in a project's time zone (an IANA name), never in the browser's. */

export type Interval = (typeof INTERVALS)[number];

export const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = zone + JSON.stringify(options);
  let known = formats.get(name);
  if (!known) {
    known = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone });
    formats.set(name, known);
  }
  return known;
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const DAY = { day: "numeric", month: "short" } as const;

/** Label an interval on a chart's axis: short, with the day only where a new one begins. */
export function axisLabel(instant: string, interval: Interval, zone: string): string {
  const date = new Date(instant);
  if (interval === "month") return formatter(zone, { month: "short", year: "2-digit" }).format(date);
  if (interval === "day" || interval === "week") return formatter(zone, DAY).format(date);
  const clock = formatter(zone, CLOCK).format(date);
  return clock === "00:00" ? formatter(zone, DAY).format(date) : clock;
}

/**
 * Name an interval in full: "Sun, Oct 25, 02:00 GMT+1". The offset distinguishes the two equal hours
 * when clocks go back.
 */
export function intervalName(instant: string, interval: Interval, zone: string): string {
  const date = new Date(instant);
  const weekday = { weekday: "short", ...DAY } as const;
  switch (interval) {
    case "month":
      return formatter(zone, { month: "long", year: "numeric" }).format(date);
    case "week":
      return t.time.weekOf(formatter(zone, { ...DAY, year: "numeric" }).format(date));
    case "day":
      return formatter(zone, { ...weekday, year: "numeric" }).format(date);
    default:
      return formatter(zone, { ...weekday, ...CLOCK, timeZoneName: "short" }).format(date);
  }
}

/** Format date and time to the second, with the zone's offset at that moment. */
export function exactTime(instant: string, zone: string): string {
  const options = { ...DAY, year: "numeric", ...CLOCK, second: "2-digit", timeZoneName: "short" } as const;
  return formatter(zone, options).format(new Date(instant));
}

/** Format an instant to the minute, with its offset: two equal times when clocks go back differ by it. */
function minuteTime(instant: string, zone: string): string {
  return formatter(zone, { ...DAY, year: "numeric", ...CLOCK, timeZoneName: "short" }).format(new Date(instant));
}

/** Format a time of day to the second: "03:12:04". */
export function clockTime(instant: string, zone: string): string {
  return formatter(zone, { ...CLOCK, second: "2-digit" }).format(new Date(instant));
}

/** Format a day: "Nov 20, 2026". */
export function dayName(instant: string, zone: string): string {
  return formatter(zone, { ...DAY, year: "numeric" }).format(new Date(instant));
}

/** The day in a zone at a moment, as an ISO date. */
export function dayIn(zone: string, at: Date): string {
  // The only locale whose dates are ISO dates.
  return new Intl.DateTimeFormat("sv", { timeZone: zone }).format(at);
}

/** Name a range of days, both included, in the shortest form: "Oct 29 – Nov 26, 2026". Days are ISO dates. */
export function daysName(from: string, to: string): string {
  const noon = (day: string) => new Date(`${day}T12:00:00Z`);
  return formatter("UTC", { ...DAY, year: "numeric" }).formatRange(noon(from), noon(to));
}

/** Name the days of a range of moments, wherever in its last day it ends. */
export function daysOf(from: string, to: string, zone: string): string {
  return daysName(dayIn(zone, new Date(from)), dayIn(zone, new Date(new Date(to).getTime() - 1)));
}

/** Name a range: by its days where it consists of whole days, else by its moments. The end is not part of it. */
export function rangeName(from: string, to: string, zone: string): string {
  const isMidnight = (instant: string) => formatter(zone, { ...CLOCK, second: "2-digit" }).format(new Date(instant)) === "00:00:00";
  if (!isMidnight(from) || !isMidnight(to)) {
    // Most ranges are of whole minutes: seconds of zero say nothing.
    const isWhole = [from, to].every((instant) => new Date(instant).getTime() % 60_000 === 0);
    const name = (instant: string) => (isWhole ? minuteTime(instant, zone) : exactTime(instant, zone));
    return t.time.range(name(from), name(to));
  }
  const last = new Date(new Date(to).getTime() - 1).toISOString();
  const [first, end] = [dayName(from, zone), dayName(last, zone)];
  return first === end ? first : t.time.range(first, end);
}

/** Name a zone with its offset at a moment: "Europe/Helsinki (GMT+2)". UTC has no offset. */
export function zoneName(zone: string, at: Date): string {
  const offset = formatter(zone, { timeZoneName: "shortOffset" })
    .formatToParts(at)
    .find((part) => part.type === "timeZoneName")?.value;
  return !offset || zone === "UTC" ? zone : `${zone} (${offset})`;
}

/** Say how long ago something was: "now", "5 s ago", "3 min ago". */
export function ago(instant: string, now: number): string {
  const seconds = Math.round((now - new Date(instant).getTime()) / 1_000);
  if (seconds < 2) return t.time.now;
  if (seconds < 60) return t.time.ago(t.time.seconds(seconds));
  if (seconds < 3_600) return t.time.ago(t.time.minutes(Math.floor(seconds / 60)));
  if (seconds < 86_400) return t.time.ago(t.time.hours(Math.floor(seconds / 3_600)));
  return t.time.ago(t.time.days(Math.floor(seconds / 86_400)));
}

/** Name a cohort by its interval: "Mon, Nov 20", "Week of Nov 16", "Nov 2026". */
export function cohortName(instant: string, interval: Interval, zone: string): string {
  const date = new Date(instant);
  if (interval === "month") return formatter(zone, { month: "short", year: "numeric" }).format(date);
  if (interval === "week") return t.time.weekOf(formatter(zone, DAY).format(date));
  if (interval === "day") return formatter(zone, { weekday: "short", ...DAY }).format(date);
  return formatter(zone, { ...DAY, ...CLOCK }).format(date);
}
