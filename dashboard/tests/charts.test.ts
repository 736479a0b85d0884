import { expect, test } from "vitest";
import { COLOURS, seriesStyle } from "../src/charts/palette";
import { shares } from "../src/pages/overview/shares";
import { peak, timeline } from "../src/charts/timeSeries";
import { timeseries } from "./server";

const NOON = Date.parse("2026-10-25T12:00:00+02:00");

function hours(...values: number[]) {
  const dates = values.map((_, hour) => `2026-10-25T${String(hour + 10)}:00:00+02:00`);
  return { ...timeseries, interval: "hour" as const, series: [{ label: "All events", dates, values, total: 0 }] };
}

test("hours that have not begun are empty, and the one that runs is marked", () => {
  const drawn = timeline(hours(5, 7, 2, 0, 0), NOON + 60_000);
  expect(drawn.lines[0]?.values).toEqual([5, 7, 2, null, null]);
  expect(drawn.openBucket).toBe(2);
});

test("an event sent ahead of its time is not hidden", () => {
  expect(timeline(hours(5, 7, 2, 0, 9), NOON).lines[0]?.values).toEqual([5, 7, 2, null, 9]);
});

test("a period that is over has no open interval", () => {
  expect(timeline(hours(1, 2), Date.parse("2026-12-01T00:00:00Z")).openBucket).toBe(-1);
});

test("an event that is itself called Other is not taken for the rest", () => {
  const series = Array.from({ length: 11 }, (_, place) => ({
    label: place === 3 || place === 10 ? "Other" : `event ${place}`,
    dates: [],
    values: [],
    total: 1,
  }));
  const { lines } = timeline({ ...timeseries, series }, NOON);
  expect(lines.filter((line) => line.isRest).map((line) => line.label)).toEqual(["All others"]);
  expect(new Set(lines.map((line) => line.id)).size).toBe(11);
});

test("high water is the highest value, and none where nothing came", () => {
  expect(peak({ values: [1, 9, null, 9] })).toEqual({ value: 9, bucket: 1 });
  expect(peak({ values: [0, null] })).toBeNull();
});

test("shares of the most frequent names and of the rest make the whole", () => {
  const items = Array.from({ length: 9 }, (_, place) => ({ event_name: `event ${place}`, count: 10, share: 0.1 }));
  const parts = shares({ items, total_events: 100 });
  expect(parts.reduce((sum, part) => sum + part.count, 0)).toBe(100);
  expect(parts.at(-1)).toEqual({ name: "All others", count: 40, share: 0.4, isRest: true });
});

function contrast(one: string, other: string): number {
  const luminance = (colour: string) =>
    [1, 3, 5]
      .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, place) => sum + part * ([0.2126, 0.7152, 0.0722][place] ?? 0), 0);
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test.each(["light", "dark"] as const)("in the %s scheme, lines stand out (3:1) and words are readable (4.5:1)", (scheme) => {
  const colours = COLOURS[scheme];
  for (const colour of [...colours.series, colours.mark]) expect(contrast(colour, colours.surface)).toBeGreaterThan(3);
  for (const colour of [colours.text, colours.quiet]) expect(contrast(colour, colours.surface)).toBeGreaterThan(4.5);
});

test("beyond the palette lines are told apart by dashes", () => {
  const colours = COLOURS.light;
  const looks = Array.from({ length: 10 }, (_, place) => JSON.stringify(seriesStyle(colours, place)));
  expect(new Set(looks).size).toBe(10);
});
