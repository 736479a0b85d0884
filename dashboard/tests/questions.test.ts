import { expect, test } from "vitest";
import { KINDS } from "../src/api/insights";
import { duration } from "../src/format/duration";
import { meanRetention } from "../src/pages/insights/results/meanRetention";
import { trendLines } from "../src/pages/insights/results/trendLines";
import { fromFilter, toFilter } from "../src/pages/insights/filters";
import { fromBody, validate, toBody, defaultQuery } from "../src/pages/insights/insightQuery";

test.each(KINDS)("the usual question of %s survives the address", (kind) => {
  expect(fromBody(kind, toBody(kind, defaultQuery(kind)))).toEqual(defaultQuery(kind));
});

test.each([
  { and: [{ property: "a", operator: "between", value: ["1", "2"] }] },
  { or: [{ property: "a", operator: "is_set" }, { property: "b", operator: "is", scope: "person", value: ["x"] }] },
  { and: [{ or: [{ property: "a", value: 1 }] }] },
  { scope: "cohort", value: [3] },
])("a filter survives being shown: %j", (filter) => {
  expect(toFilter(fromFilter(filter), false)).toEqual(filter);
});

test("from day to day needs both days", () => {
  const question = { ...defaultQuery("trends"), period: null, from: "2026-11-01" };
  expect(validate("trends", question)).toMatch(/first and the last day/);
  expect(validate("trends", { ...question, to: "2026-11-02" })).toBeNull();
});

const cohorts = [
  { date: "", size: 10, returned: [10, 4, 1] },
  { date: "", size: 30, returned: [30, 0] },
  { date: "", size: 5, returned: [5] },
];

test("the mean of retention leaves out intervals that are not over", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  expect(meanRetention({ cohorts, to: "2026-11-21T00:00:00Z" }, now)).toEqual([1, 0.4, null]);
  expect(meanRetention({ cohorts, to: "2026-11-20T00:00:00Z" }, now)).toEqual([1, 0.1, 0.1]);
});

test("what has not begun is empty, what has no average too, and the time before looks like its line", () => {
  const dates = ["2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"];
  const series = { label: "a", event: "a", metric: "average", values: [1.5, null, 0], total: 1.5, breakdown: "FI", dates };
  const answer = { from: "", to: "2026-11-21T00:00:00Z", timezone: "UTC", took_ms: 1, source: "raw", interval: "day" as const };
  const drawn = trendLines({ ...answer, series: [series], previous: [{ ...series, values: [3, 2, 1] }] }, Date.parse(dates[1] ?? ""));
  expect(drawn.lines.map(({ label, values, beforeOf }) => [label, values, beforeOf])).toEqual([
    ["a (average) · FI", [1.5, null, null], undefined],
    ["a (average) · FI, before", [3, 2, 1], 0],
  ]);
  expect(drawn.openBucket).toBe(1);
});

test.each([
  [0, "0 s"],
  [4.26, "4.3 s"],
  [48, "48 s"],
  [185, "3 min 5 s"],
  [7_200, "2 h"],
  [190_000, "2 d 4 h"],
])("%d seconds are %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});
