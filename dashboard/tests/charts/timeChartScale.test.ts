import { describe, expect, test } from "vitest";
import type { TimeChartData } from "../../src/charts/timeChartData";
import { areaPath, linePath, namedIntervals, labelledIndexes, roundTicks, scaleOf } from "../../src/charts/timeChartScale";

function data(values: (number | null)[], more: Partial<TimeChartData> = {}): TimeChartData {
  const points = values.map((value, index) => ({ start: `2026-11-${String(index + 1).padStart(2, "0")}T00:00:00Z`, value }));
  return { name: "Users", points, interval: "day", timezone: "UTC", unit: "count", ...more };
}

test("values beside the axis are round, reach the highest value, and are whole for counts", () => {
  expect(roundTicks(95, true)).toEqual([0, 25, 50, 75, 100]);
  expect(roundTicks(3, true)).toEqual([0, 1, 2, 3]);
  expect(roundTicks(10, true)).toEqual([0, 5, 10]);
  expect(roundTicks(0.3, false)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(roundTicks(0, true)).toEqual([0, 1]);
});

test("the axis has room for the record and for what today is expected to reach", () => {
  const scale = scaleOf(data([10, 20, 5], { openFrom: 2, expected: { value: 50, low: 40, high: 70 } }), 600, 280, String);
  expect(scale.y(70)).toBeGreaterThanOrEqual(scale.top);
  expect(scale.x(0)).toBe(scale.left);
  expect(scale.x(2)).toBe(scale.right);
});

describe("paths", () => {
  const scale = { x: (index: number) => index * 10, y: (value: number) => 100 - value, bottom: 100 };

  test("an interval without a value interrupts the line", () => {
    expect(linePath([1, 2, null, 4], scale)).toBe("M0.0 99.0L10.0 98.0M30.0 96.0");
  });

  test("the area below a line ends where the line does", () => {
    expect(areaPath([1, 2, null, 4], scale)).toBe("M0.0 99.0L10.0 98.0L10.0 100L0.0 100Z");
  });
});

test("no name of an interval covers another, and the one in progress and the last are always named", () => {
  const names = Array.from({ length: 90 }, (_, index) => `Nov ${index % 30}`);
  const x = (index: number) => index * 4;
  const shown = namedIntervals(names, 80, { x });
  expect(shown.map(({ index }) => index)).toContain(80);
  const gaps = shown.slice(1).map(({ index }, at) => x(index) - x(shown[at]?.index ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(30);
  expect(namedIntervals(names, undefined, { x }).map(({ index }) => index)).toContain(89);
});

test("names below an axis stand evenly, whatever their number, up to the interval in progress", () => {
  const names = Array.from({ length: 30 }, (_, index) => (index === 29 ? "Today" : `Nov ${index + 1}`));
  const shown = namedIntervals(names, 29, { x: (index) => 40 + index * 36 }).map(({ index }) => index);
  expect(shown.slice(-4)).toEqual([23, 25, 27, 29]);
  expect(new Set(shown.slice(1).map((index, at) => index - (shown[at] ?? 0)))).toEqual(new Set([2]));
});

test("names of an axis of ECharts stand evenly and apart on a phone, the last among them", () => {
  const names = Array.from({ length: 30 }, (_, index) => `Nov ${index + 1}`);
  const shown = [...labelledIndexes(names, 320)];
  expect(shown).toEqual([1, 8, 15, 22, 29]);
  expect([...labelledIndexes(names, 1_200)]).toHaveLength(15);
  expect([...labelledIndexes([], 320)]).toEqual([]);
  expect([...labelledIndexes(["Nov 1"], 320)]).toEqual([0]);
});
