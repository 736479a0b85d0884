import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { defaultQuery, MAX_EVENTS, MIN_FUNNEL_STEPS, selectMetric, toKind, validate, type TrendsQuery } from "../../../src/pages/insights/insightQuery";
import { isObject } from "../../../src/pages/insights/json";

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

/** The limits of a list in the body of an insight's request, in the query service's OpenAPI document. */
function limitsOf(kind: string, list: string): unknown {
  const api: unknown = JSON.parse(readFileSync("../docs/openapi/query.json", "utf8"));
  const at = (value: unknown, ...path: string[]): unknown => path.reduce((found, key) => (isObject(found) ? found[key] : undefined), value);
  const schema = at(api, "paths", `/api/v1/analytics/{project_id}/insights/${kind}`, "post", "requestBody", "content", "application/json", "schema", "$ref");
  const { minItems, maxItems } = at(api, ...String(schema).slice(2).split("/"), "properties", list) as Record<string, unknown>;
  return { min: minItems, max: maxItems };
}

test("the numbers of events are those that the server accepts", () => {
  expect(limitsOf("trends", "series")).toEqual({ min: 1, max: MAX_EVENTS.trends });
  expect(limitsOf("stickiness", "series")).toEqual({ min: 1, max: MAX_EVENTS.stickiness });
  expect(limitsOf("funnel", "steps")).toEqual({ min: MIN_FUNNEL_STEPS, max: MAX_EVENTS.funnel });
});
