import { expect, test } from "vitest";
import { completeValues, openSegment, peakToDraw, pinsOf, type TimeChartData } from "../../src/charts/timeChartData";

const DAYS = ["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25"].map((day) => `${day}T00:00:00Z`);

function data(values: (number | null)[], more: Partial<TimeChartData> = {}): TimeChartData {
  const points = values.map((value, index) => ({ start: DAYS[index] ?? "", value }));
  return { name: "Users", interval: "day", timezone: "UTC", unit: "count", points, ...more };
}

test("an interval in progress is never drawn as a fall", () => {
  const open = data([80, 90, 100, 3], { openFrom: 3 });
  expect(completeValues(open)).toEqual([80, 90, 100, null]);
  expect(openSegment(open)).toBeNull();
});

test("the line into the interval in progress leads to the expected value", () => {
  const open = data([80, 90, 100, 3], { openFrom: 3, expected: { value: 95, low: 80, high: 110 } });
  expect(openSegment(open)).toEqual([null, null, 100, 95]);
});

test("what has been counted already is the least that can be expected", () => {
  const open = data([80, 90, 100, 120], { openFrom: 3, expected: { value: 95, low: 80, high: 110 } });
  expect(openSegment(open)).toEqual([null, null, 100, 120]);
});

test("a count that has passed the last interval is drawn as a rise", () => {
  expect(openSegment(data([80, 90, 100, 130], { openFrom: 3 }))).toEqual([null, null, 100, 130]);
});

test("the record is marked, unless it would flatten the line", () => {
  const record = { value: 150, start: "2026-09-01T00:00:00Z" };
  expect(peakToDraw(data([80, 90, 100, 3], { openFrom: 3, peak: record }))).toEqual(record);
  expect(peakToDraw(data([8, 9, 10, 3], { openFrom: 3, peak: record }))).toEqual({ value: 10, start: DAYS[2] });
});

test("notes are numbered in order of time, each at the interval that contains it", () => {
  const annotations = [
    { id: 7, at: "2026-11-24T18:00:00Z", text: "later" },
    { id: 8, at: "2026-11-22T00:00:00Z", text: "first" },
    { id: 9, at: "2026-11-01T00:00:00Z", text: "before the range" },
  ];
  const pins = pinsOf(data([1, 2, 3, 4], { annotations })).map(({ number, index, text }) => ({ number, index, text }));
  expect(pins).toEqual([
    { number: 1, index: 0, text: "first" },
    { number: 2, index: 2, text: "later" },
  ]);
});
