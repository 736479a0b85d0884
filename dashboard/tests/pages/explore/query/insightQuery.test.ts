import { expect, test } from "vitest";
import { defaultQuery, selectEvent, selectMetric, toKind, validate, type FunnelQuery, type PathsQuery, type TrendsQuery } from "../../../../src/pages/explore/query/insightQuery";
import { toBody } from "../../../../src/pages/explore/query/queryBody";

const trends = defaultQuery("trends") as TrendsQuery;

test("a custom range needs both days", () => {
  const query = { ...trends, period: null, from: "2026-11-01" };
  expect(validate(query)).toMatch(/first and the last day/);
  expect(validate({ ...query, to: "2026-11-02" })).toBeNull();
});

test("another kind keeps the range, the events and the breakdown", () => {
  const series = ["a", "b", "c"].map((event) => selectMetric(selectEvent(event)));
  const query: TrendsQuery = { ...trends, period: "90d", series, breakdown: "country" };
  expect(toKind("funnel", query)).toMatchObject({ period: "90d", breakdown: "country", steps: [{ event: "a" }, { event: "b" }, { event: "c" }] });
  expect(toKind("retention", query)).toMatchObject({ target: { event: "a" }, returning: { event: "b" } });
  expect(toKind("lifecycle", query)).toMatchObject({ event: { event: "a" } });
  expect(toKind("paths", query)).toMatchObject({ period: "90d", by: "event" });
});

test("a funnel starts with two empty steps, and is asked once two have an event", () => {
  const funnel = defaultQuery("funnel") as FunnelQuery;
  expect(funnel.steps.map(({ event }) => event)).toEqual(["", ""]);
  expect(validate(funnel)).toBe("Add at least two steps.");
  const chosen = { ...funnel, steps: [selectEvent("a"), selectEvent(""), selectEvent("b")] };
  expect(validate(chosen)).toBeNull();
  expect(toBody(chosen, true)["steps"]).toEqual([{ event: "a" }, { event: "b" }]);
});

test("paths that end somewhere need to know where", () => {
  const paths = { ...defaultQuery("paths"), end: "" } as PathsQuery;
  expect(validate(paths)).toBe("Choose where paths end.");
  expect(validate({ ...paths, end: "purchase" })).toBeNull();
});
