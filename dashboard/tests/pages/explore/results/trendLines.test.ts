import { expect, test } from "vitest";
import { defaultQuery, selectEvent, selectMetric, type TrendsQuery } from "../../../../src/pages/explore/query/insightQuery";
import { trendLines } from "../../../../src/pages/explore/results/trendLines";

const meta = { cached: false, from: "", timezone: "UTC", took_ms: 1, source: "raw", interval: "day", as_of: "", sealed_days: 0, raw_days: 1 } as const;
const query = defaultQuery("trends") as TrendsQuery;

test("intervals that have not begun are empty, and so are missing averages; the previous period looks like its line", () => {
  const dates = ["2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"];
  const series = { label: "a", event: "a", metric: "average" as const, values: [1.5, null, 0], total: 1.5, breakdown: "FI", is_other: false, dates };
  const before = { ...series, values: [3, 2, 1], dates: ["2026-11-15T00:00:00Z", "2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z"] };
  const average = { ...selectMetric(selectEvent("a")), metric: "average" as const, property: "ms" };
  const result = { ...meta, to: "2026-11-21T00:00:00Z", series: [series, series], previous: [before, before] };
  const drawn = trendLines(result, { ...query, series: [average, average] }, Date.parse(dates[1] ?? ""));
  expect(drawn.lines.map(({ label, values, previousOf, unit }) => [label, values, previousOf, unit]).filter((_, index) => index % 2 === 0)).toEqual([
    ["a: average of ms · FI", [1.5, null, null], undefined, "ms"],
    ["a: average of ms · FI · previous period", [3, 2, 1], 0, "ms"],
  ]);
  expect(drawn.lines[2]?.dates).toEqual(before.dates);
  expect(drawn.openIndex).toBe(1);
});

test("events without the property, all others, and values of these names are four lines", () => {
  const dates = ["2026-11-18T00:00:00Z"];
  const series = [[null, false], [null, true], ["Not set", false], ["All others", false]] as const;
  const lines = series.map(([breakdown, is_other]) => ({ label: "a", event: "a", metric: "count" as const, values: [1], total: 1, breakdown, is_other, dates }));
  const drawn = trendLines({ ...meta, to: "2026-11-19T00:00:00Z", series: lines }, query, Date.parse("2026-11-19T00:00:00Z")).lines;
  expect(drawn.map(({ label, isRest }) => [label, isRest])).toEqual([
    ["Not set", false],
    ["All others", true],
    ["“Not set”", false],
    ["“All others”", false],
  ]);
});

test("any event has the page's name, not that of the server", () => {
  const dates = ["2026-11-18T00:00:00Z"];
  const series = { label: "Any event, says the server", event: null, metric: "unique_persons" as const, values: [1], total: 1, breakdown: null, dates };
  const anyEvent = { ...selectMetric(selectEvent(null)), metric: "unique_persons" as const };
  const drawn = trendLines({ ...meta, to: "2026-11-19T00:00:00Z", series: [series] }, { ...query, series: [anyEvent] }, 0);
  expect(drawn.lines.map(({ label }) => label)).toEqual(["Any event: users"]);
});

test("a value of a breakdown has a colour of its own, the same whatever else is shown", () => {
  const dates = ["2026-11-18T00:00:00Z"];
  const of = (...values: string[]) => {
    const series = values.map((breakdown) => ({ label: "a", event: "a", metric: "count" as const, values: [1], total: 1, breakdown, is_other: false, dates }));
    return trendLines({ ...meta, to: "2026-11-19T00:00:00Z", series }, query, 0).lines.map(({ slot }) => slot);
  };
  const all = of("US", "NL", "DE", "FR", "GB", "FI", "SE", "ES");
  expect(new Set(all).size).toBe(8);
  expect(of("US")[0]).toBe(all[0]);
  expect(of("NL", "US")[0]).toBe(of("NL")[0]);
});

test.each([
  ["previous_period", "a · previous period"],
  ["previous_year", "a · previous year"],
  ["weekdays", "a · same weekdays before"],
] as const)("what is compared with %s is named after it", (compare, label) => {
  const series = { label: "a", event: "a", metric: "count" as const, values: [1], total: 1, breakdown: null, dates: ["2026-11-18T00:00:00Z"] };
  const result = { ...meta, to: "2026-11-19T00:00:00Z", series: [series], previous: [series] };
  expect(trendLines(result, { ...query, compare }, 0).lines[1]?.label).toBe(label);
});
