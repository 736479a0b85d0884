import { expect, test } from "vitest";
import type { TimeSeries } from "../../../../src/charts/timeSeries";
import { seriesRows, sortRows } from "../../../../src/pages/explore/results/seriesRows";

const line = (id: string, values: (number | null)[]) => ({ id, label: id, isRest: false, values, total: 0 });
const data: TimeSeries = { interval: "day", timezone: "UTC", starts: [], openIndex: 2, lines: [line("b", [2, 4, 1]), line("a", [null, 3, 0])] };
const one = { label: "", event: null, metric: "count" as const, values: [], total: 7, breakdown: null, dates: [] };

test("average, last and change leave out the interval in progress", () => {
  expect(seriesRows(data, { series: [one, { ...one, total: 3 }] })).toEqual([
    { index: 0, name: "b", total: 7, average: 3, last: 4, change: 100 },
    { index: 1, name: "a", total: 3, average: 3, last: 3, change: null },
  ]);
});

test("the change is against the previous period, if it is compared; a fall from a negative total is one", () => {
  const previous = [{ ...one, total: 14 }, { ...one, total: -5 }];
  expect(seriesRows(data, { series: [one, { ...one, total: -10 }], previous }).map(({ change }) => change)).toEqual([-50, -100]);
});

test("rows are sorted by a column, those without a figure last", () => {
  const rows = seriesRows(data, { series: [one, { ...one, total: null }] });
  const order = (...[column, isDescending]: [Parameters<typeof sortRows>[1], boolean]) => sortRows(rows, column, isDescending).map(({ name }) => name);
  expect(order("total", true)).toEqual(["b", "a"]);
  expect(order("total", false)).toEqual(["b", "a"]);
  expect(order("name", false)).toEqual(["a", "b"]);
  expect(order(undefined, false)).toEqual(["b", "a"]);
});
