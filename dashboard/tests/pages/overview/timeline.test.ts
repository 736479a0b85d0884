import { expect, test } from "vitest";
import { timeline } from "../../../src/pages/overview/timeline";
import { timeseries } from "../../support/server";

const NOON = Date.parse("2026-10-25T12:00:00+02:00");

function hours(...values: number[]) {
  const dates = values.map((_, hour) => `2026-10-25T${String(hour + 10)}:00:00+02:00`);
  return { ...timeseries, interval: "hour" as const, series: [{ label: "All events", is_other: false, dates, values, total: 0 }] };
}

test("hours that have not begun are empty, and the one in progress is marked", () => {
  const drawn = timeline(hours(5, 7, 2, 0, 0), NOON + 60_000);
  expect(drawn.lines[0]?.values).toEqual([5, 7, 2, null, null]);
  expect(drawn.openIndex).toBe(2);
});

test("an event with a future time is not hidden", () => {
  expect(timeline(hours(5, 7, 2, 0, 9), NOON).lines[0]?.values).toEqual([5, 7, 2, null, 9]);
});

test("a period that is over has no interval in progress", () => {
  expect(timeline(hours(1, 2), Date.parse("2026-12-01T00:00:00Z")).openIndex).toBe(-1);
});

test("an event that is itself called All others is not mistaken for all others", () => {
  const series = Array.from({ length: 11 }, (_, index) => ({
    label: index === 10 ? null : index === 3 ? "All others" : `event ${index}`,
    is_other: index === 10,
    dates: [],
    values: [],
    total: 1,
  }));
  const { lines } = timeline({ ...timeseries, series }, NOON);
  expect(lines.filter((line) => line.isRest).map((line) => line.label)).toEqual(["All others"]);
  expect(new Set(lines.map((line) => line.label)).size).toBe(11);
  expect(new Set(lines.map((line) => line.id)).size).toBe(11);
});
