import { expect, test } from "vitest";
import { trendLines } from "../../../../src/pages/explore/results/trendLines";

test("intervals that have not begun are empty, and so are missing averages; the previous period looks like its line", () => {
  const dates = ["2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"];
  const series = { label: "a", event: "a", metric: "average" as const, values: [1.5, null, 0], total: 1.5, breakdown: "FI", is_other: false, dates };
  const meta = { cached: false, from: "", to: "2026-11-21T00:00:00Z", timezone: "UTC", took_ms: 1, as_of: "2026-10-22T00:00:00Z", source: "raw", sealed_days: 0, interval: "day" } as const;
  const drawn = trendLines({ ...meta, series: [series], previous: [{ ...series, values: [3, 2, 1] }] }, Date.parse(dates[1] ?? ""));
  expect(drawn.lines.map(({ label, values, previousOf }) => [label, values, previousOf])).toEqual([
    ["a (average) · FI", [1.5, null, null], undefined],
    ["a (average) · FI · previous period", [3, 2, 1], 0],
  ]);
  expect(drawn.openIndex).toBe(1);
});

test("events without the property, all others, and values of these names are four lines", () => {
  const dates = ["2026-11-18T00:00:00Z"];
  const meta = { cached: false, from: "", to: "2026-11-19T00:00:00Z", timezone: "UTC", took_ms: 1, as_of: "2026-10-22T00:00:00Z", source: "raw", sealed_days: 0, interval: "day" } as const;
  const series = [[null, false], [null, true], ["Not set", false], ["All others", false]] as const;
  const lines = series.map(([breakdown, is_other]) => ({ label: "a", event: "a", metric: "count" as const, values: [1], total: 1, breakdown, is_other, dates }));
  const drawn = trendLines({ ...meta, series: lines }, Date.parse("2026-11-19T00:00:00Z")).lines;
  expect(drawn.map(({ label, isRest }) => [label, isRest])).toEqual([
    ["a · Not set", false],
    ["a · All others", true],
    ["a · “Not set”", false],
    ["a · “All others”", false],
  ]);
});
