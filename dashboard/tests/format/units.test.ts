import { expect, test } from "vitest";
import { axisValue, exactValue, shortValue } from "../../src/format/units";

const dollars = { currency: "USD" };

test("a whole amount beside an axis has no zeros behind it", () => {
  expect([0, 0.5, 80, 1_500, 25_000, -80].map((value) => axisValue(value, dollars))).toEqual(["$0", "$0.50", "$80", "$1,500", "$25K", "−$80"]);
  expect([80, 25_000].map((value) => shortValue(value, dollars))).toEqual(["$80.00", "$25K"]);
  expect([12_345, 0.25].map((value, index) => axisValue(value, index === 0 ? "count" : "share"))).toEqual(["12.3K", "25%"]);
});

test("a currency without decimal places has none", () => {
  expect([exactValue(1_200, { currency: "JPY" }), axisValue(1_200, { currency: "JPY" })]).toEqual(["¥1,200", "¥1,200"]);
});
