/** Local times as a field of type `datetime-local` has them: "2026-11-24T18:00", in a project's time zone. */

/** Return the local time of an instant, cut to the minute. */
export function localTime(instant: string, zone: string): string {
  const options = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" } as const;
  const parts = new Map<string, string>(new Intl.DateTimeFormat("en", options).formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  const part = (type: string) => parts.get(type) ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** Return the instant of a local time; the first of two where clocks go back, null if the text is no time. */
export function instantOf(local: string, zone: string): string | null {
  const asUtc = new Date(`${local}Z`).getTime();
  if (Number.isNaN(asUtc)) return null;
  // The offset is that of one of the instants around: zones differ from UTC by 14 hours at most.
  const offsets = [-14, 14].map((hours) => offset(asUtc + hours * 3_600_000, zone));
  const candidates = offsets.map((one) => asUtc - one).sort((one, other) => one - other);
  const exact = candidates.find((instant) => instant + offset(instant, zone) === asUtc);
  // A time that clocks skip is moved forward by the gap.
  return new Date(exact ?? Math.max(...candidates)).toISOString();
}

/** Return how many milliseconds local clocks are ahead of UTC at an instant. */
function offset(instant: number, zone: string): number {
  const local = localTime(new Date(instant).toISOString(), zone);
  return new Date(`${local}Z`).getTime() - Math.floor(instant / 60_000) * 60_000;
}
