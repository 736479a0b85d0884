const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** 12,345: every digit. */
export function exactNumber(value: number): string {
  return whole.format(value);
}

/** 12.3K: for a card; below ten thousand every digit. */
export function shortNumber(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);
}

/** +12.5 %, or null when there is nothing to compare with. */
export function change(percent: number | null | undefined): string | null {
  if (percent === null || percent === undefined) return null;
  const sign = percent > 0 ? "+" : percent < 0 ? "−" : "";
  return `${sign}${whole.format(Math.abs(percent))} %`;
}

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

/** The label of a chart's interval, in the project's time zone. */
export function bucketLabel(instant: string, interval: string, zone: string): string {
  const date = new Date(instant);
  switch (interval) {
    case "minute15":
    case "hour":
      return formatter(zone, {
        month: "short",
        day: "numeric",
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
      }).format(date);
    case "month":
      return formatter(zone, { month: "short", year: "numeric" }).format(date);
    default:
      return formatter(zone, { month: "short", day: "numeric" }).format(date);
  }
}

/** Date and time to the second, in the project's time zone. */
export function exactTime(instant: string, zone: string): string {
  return formatter(zone, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  }).format(new Date(instant));
}

/** How long ago: 5 s, 3 min, 2 h, 4 d. */
export function ago(instant: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - new Date(instant).getTime()) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
