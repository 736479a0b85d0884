import { t } from "../texts";

const UNITS = [
  { seconds: 86_400, text: t.time.days },
  { seconds: 3_600, text: t.time.hours },
  { seconds: 60, text: t.time.minutes },
  { seconds: 1, text: t.time.seconds },
];

/** Format a duration in its two largest units: "48 s", "3 min 5 s", "2 d 4 h". */
export function duration(seconds: number): string {
  if (seconds < 10) return t.time.seconds(Number(seconds.toFixed(1)));
  let rest = Math.round(seconds);
  const parts = UNITS.map(({ seconds: size, text }) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { count, text };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ count, text }) => text(count))
    .join(" ");
}
