import { expect, test } from "vitest";
import { INSIGHT_KINDS } from "../../../../src/api/insights";
import { defaultQuery } from "../../../../src/pages/explore/query/insightQuery";
import { parseBody, toBody } from "../../../../src/pages/explore/query/queryBody";

test.each(INSIGHT_KINDS)("the default query of %s survives the address", (kind) => {
  expect(parseBody(kind, toBody(defaultQuery(kind)))).toEqual(defaultQuery(kind));
});

test.each([
  ["trends", { from: "2026-11-01", to: "2026-11-03", interval: "day", series: [{ event: "a", metric: "p90", property: "ms" }], compare: true, breakdown: { property: "country" } }],
  ["funnel", { period: "90d", steps: [{ event: "a" }, { label: "b or c", filters: { or: [] }, event: null }], order: "any", window: { value: 3, unit: "hour" } }],
  ["funnel", { period: "90d", steps: [{ event: "a" }, { event: "b" }], order: "ordered", attribution: "last_touch", breakdown: { property: "plan" } }],
  ["funnel", { period: "90d", steps: [{ event: "a" }, { event: "b" }], order: "ordered", attribution: "step", attribution_step: 1, breakdown: { property: "plan" } }],
  ["retention", { period: "12mo", interval: "month", target: { event: "a" }, returning: { event: "b" }, kind: "recurring", rule: "rolling" }],
  ["stickiness", { period: "30d", interval: "week", series: [{ event: "a" }, { event: null }] }],
  ["lifecycle", { period: "30d", event: { event: "a" } }],
  ["breakdown", { period: "today", event: { event: "a" }, breakdown: { property: "country" } }],
  ["paths", { period: "24h", by: "event", start: "a" }],
] as const)("a link to %s shows the query that it holds", (kind, body) => {
  expect(toBody(parseBody(kind, body))).toEqual(body);
});

test("unusable parts of an address are replaced by the default", () => {
  const body = { period: "a while", interval: "day", series: "all", filters: null, compare: "yes" };
  expect(toBody(parseBody("trends", body))).toEqual({ period: "7d", interval: "day", series: [{ event: null }] });
});
