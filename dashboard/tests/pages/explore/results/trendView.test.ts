import { expect, test } from "vitest";
import type { Line, TimeSeries } from "../../../../src/charts/timeSeries";
import { applyView, trendView } from "../../../../src/pages/explore/results/trendView";

const line = (id: string, values: (number | null)[], unit = "Events"): Line => ({ id, label: id, isRest: false, values, total: 0, unit });
const data: TimeSeries = { interval: "day", timezone: "UTC", starts: ["a", "b", "c"], lines: [line("0", [1, 2, null]), line("1", [3, 0, null])], openIndex: 1 };
const count = [{ metric: "count" as const }];

test("cumulative values add up, and end where the range has not begun", () => {
  const view = trendView({ cumulative: "1" }, count, data);
  expect(applyView(data, view, new Set()).lines.map(({ values }) => values)).toEqual([[1, 3, null], [3, 3, null]]);
});

test("users cannot be added up: one who comes on two days would count twice", () => {
  expect(trendView({ cumulative: "1" }, [{ metric: "unique_persons" }], data).isCumulative).toBe(false);
});

test("shares are of the lines that are shown, and need one unit", () => {
  const view = trendView({ values: "percent" }, count, data);
  expect(applyView(data, view, new Set()).lines.map(({ values }) => values)).toEqual([[0.25, 1, null], [0.75, 0, null]]);
  expect(applyView(data, view, new Set(["1"])).lines[0]?.values).toEqual([1, 1, null]);
  const mixed = { ...data, lines: [line("0", [1]), line("1", [2], "Users")] };
  expect(trendView({ values: "percent" }, count, mixed).isShare).toBe(false);
});
