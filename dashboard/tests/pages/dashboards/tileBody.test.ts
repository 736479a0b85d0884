import { expect, test } from "vitest";
import { tileBody } from "../../../src/pages/dashboards/InsightTile";

const dashboard = { range: { period: "30d" }, body: { period: "30d" } } as Parameters<typeof tileBody>[2];
const weeks = { period: "90d", interval: "week" };

test("the dates of a dashboard take the place of those of an insight, with how finely it is drawn", () => {
  expect(tileBody("trends", { ...weeks, series: [] }, dashboard)).toEqual({ period: "30d", series: [] });
  expect(tileBody("retention", { period: "7d", interval: "day" }, dashboard)).toEqual({ period: "30d" });
});

test("the retention of weeks stays one of weeks", () => {
  for (const kind of ["retention", "lifecycle", "stickiness"]) expect(tileBody(kind, weeks, dashboard)).toEqual({ period: "30d", interval: "week" });
});
