/** Everything here is shown in a project's time zone (an IANA name), never in the browser's. */

export type Interval = "minute15" | "hour" | "day" | "week" | "month";

const formats = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = zone + JSON.stringify(options);
  let known = formats.get(name);
  if (!known) {
    known = new Intl.DateTimeFormat("en", { ...options, timeZone: zone });
    formats.set(name, known);
  }
  return known;
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const DAY = { day: "numeric", month: "short" } as const;

/** What stands under a chart's axis: short, the day only where a new one begins. */
export function axisLabel(instant: string, interval: Interval, zone: string): string {
  const date = new Date(instant);
  if (interval === "month") return formatter(zone, { month: "short", year: "2-digit" }).format(date);
  if (interval === "day" || interval === "week") return formatter(zone, DAY).format(date);
  const clock = formatter(zone, CLOCK).format(date);
  return clock === "00:00" ? formatter(zone, DAY).format(date) : clock;
}

/**
 * What an interval is called in full: "Sun, Oct 25, 02:00 GMT+1". The offset tells the two equal
 * hours apart when clocks go back.
 */
export function intervalName(instant: string, interval: Interval, zone: string): string {
  const date = new Date(instant);
  const weekday = { weekday: "short", ...DAY } as const;
  switch (interval) {
    case "month":
      return formatter(zone, { month: "long", year: "numeric" }).format(date);
    case "week":
      return `Week of ${formatter(zone, { ...DAY, year: "numeric" }).format(date)}`;
    case "day":
      return formatter(zone, { ...weekday, year: "numeric" }).format(date);
    default:
      return formatter(zone, { ...weekday, ...CLOCK, timeZoneName: "short" }).format(date);
  }
}

/** Date and time to the second, with the zone's offset at that moment. */
export function exactTime(instant: string, zone: string): string {
  const options = { ...DAY, year: "numeric", ...CLOCK, second: "2-digit", timeZoneName: "short" } as const;
  return formatter(zone, options).format(new Date(instant));
}

/** A day: "Nov 20, 2026". */
export function dayName(instant: string, zone: string): string {
  return formatter(zone, { ...DAY, year: "numeric" }).format(new Date(instant));
}

/** The zone and its offset now: "Europe/Helsinki (GMT+2)". UTC is just that. */
export function zoneName(zone: string, at: Date): string {
  const offset = formatter(zone, { timeZoneName: "shortOffset" })
    .formatToParts(at)
    .find((part) => part.type === "timeZoneName")?.value;
  return !offset || zone === "UTC" ? zone : `${zone} (${offset})`;
}

/** How long ago, in seconds, minutes, hours or days: "now", "5 s ago", "3 min ago". */
export function ago(instant: string, now: number): string {
  const seconds = Math.round((now - new Date(instant).getTime()) / 1_000);
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** Who began in an interval: "Nov 20", "week of Nov 16", "Nov 2026". */
export function cohortName(instant: string, interval: Interval, zone: string): string {
  const date = new Date(instant);
  if (interval === "month") return formatter(zone, { month: "short", year: "numeric" }).format(date);
  if (interval === "week") return `Week of ${formatter(zone, DAY).format(date)}`;
  if (interval === "day") return formatter(zone, { weekday: "short", ...DAY }).format(date);
  return formatter(zone, { ...DAY, ...CLOCK }).format(date);
}
