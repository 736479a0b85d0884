import { expect, test } from "vitest";
import { exactNumber, sharePercent, shortNumber, signedPercent } from "../../src/format/numbers";

test("numbers are exact below ten thousand and short above", () => {
  expect([0, 9_999, 10_000, 1_234_567, -12_345].map(shortNumber)).toEqual(["0", "9,999", "10K", "1.2M", "−12.3K"]);
  expect(exactNumber(1_234_567)).toBe("1,234,567");
});

test("a share above zero is never shown as 0%", () => {
  expect([0, 0.0004, 0.256, 1].map(sharePercent)).toEqual(["0%", "<0.1%", "25.6%", "100%"]);
});

test("changes have a sign", () => {
  expect([12.5, -3, 0, 125_000].map(signedPercent)).toEqual(["+12.5%", "−3%", "0%", "+125K%"]);
});
