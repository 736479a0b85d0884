import { expect, test } from "vitest";
import { defaultQuery, selectMetric, toKind, validate, type TrendsQuery } from "../../../../src/pages/explore/query/insightQuery";

const trends = defaultQuery("trends") as TrendsQuery;

test("a custom range needs both days", () => {
  const query = { ...trends, period: null, from: "2026-11-01" };
  expect(validate(query)).toMatch(/first and the last day/);
  expect(validate({ ...query, to: "2026-11-02" })).toBeNull();
});

test("another kind keeps the range, the events and the breakdown", () => {
  const series = ["a", "b", "c"].map((event) => selectMetric({ event, rest: {} }));
  const query: TrendsQuery = { ...trends, period: "90d", series, breakdown: "country" };
  expect(toKind("funnel", query)).toMatchObject({ period: "90d", breakdown: "country", steps: [{ event: "a" }, { event: "b" }, { event: "c" }] });
  expect(toKind("retention", query)).toMatchObject({ target: { event: "a" }, returning: { event: "b" } });
  expect(toKind("lifecycle", query)).toMatchObject({ event: { event: "a" } });
  expect(toKind("paths", query)).toMatchObject({ period: "90d", by: "event" });
});
