import { expect, test } from "vitest";
import { INSIGHT_KINDS } from "../../../../src/api/insights/insights";
import { defaultQuery } from "../../../../src/pages/explore/query/insightQuery";
import { breakdownAsTrends, parseBody, toBody } from "../../../../src/pages/explore/query/queryBody";

test.each(INSIGHT_KINDS)("the default query of %s survives the address", (kind) => {
  expect(parseBody(kind, toBody(defaultQuery(kind)))).toEqual(defaultQuery(kind));
});

test.each([
  ["trends", { from: "2026-11-01", to: "2026-11-03", interval: "day", series: [{ event: "a", metric: "p90", property: "ms" }], compare: true, breakdown: { property: "country" } }],
  ["funnel", { period: "90d", steps: [{ event: "a" }, { label: "b or c", filters: { or: [{ property: "b", operator: "is_set" }, { property: "c", operator: "is_set" }] }, event: null }], order: "any", window: { value: 3, unit: "hour" } }],
  ["funnel", { period: "90d", steps: [{ event: "a" }, { event: "b" }], order: "ordered", attribution: "last_touch", breakdown: { property: "plan" } }],
  ["funnel", { period: "90d", steps: [{ event: "a" }, { event: "b" }], order: "ordered", attribution: "step", attribution_step: 1, breakdown: { property: "plan" } }],
  ["retention", { period: "12mo", interval: "month", target: { event: "a" }, returning: { event: "b" }, kind: "recurring", rule: "rolling" }],
  ["stickiness", { period: "30d", interval: "week", series: [{ event: "a" }, { event: null }] }],
  ["lifecycle", { period: "30d", event: { event: "a" } }],
  ["trends", { period: "today", series: [{ event: "a", filters: { or: [{ and: [{ property: "x", value: 1 }] }] } }], formula: "A * 2", breakdown: { property: "country", limit: 25 } }],
  ["paths", { period: "24h", by: "event", start: "a" }],
  ["paths", { period: "24h", by: "page", end: "/thanks", steps: 8 }],
] as const)("a link to %s shows the query that it holds", (kind, body) => {
  expect(toBody(parseBody(kind, body))).toEqual(body);
});

test("unusable parts of an address are replaced by the default", () => {
  const body = { period: "a while", interval: "day", series: "all", filters: null, compare: "yes" };
  expect(toBody(parseBody("trends", body))).toEqual({ period: "30d", interval: "day", series: [{ event: null }] });
});

test("a breakdown, once a kind of its own, is trends of its event", () => {
  const body = { period: "today", event: { event: "a" }, breakdown: { property: "country" } };
  expect(toBody(parseBody("trends", breakdownAsTrends(body)))).toEqual({ period: "today", series: [{ event: "a" }], breakdown: { property: "country" } });
});
