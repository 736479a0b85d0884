import { expect, test } from "vitest";
import { ago, axisLabel, dayName, exactTime, intervalName, rangeName, zoneName } from "../../src/format/time";

test("times are in the project's zone, which may be on another day", () => {
  const instant = "2026-11-20T22:30:00Z";
  expect(dayName(instant, "UTC")).toBe("Nov 20, 2026");
  expect(dayName(instant, "Asia/Tokyo")).toBe("Nov 21, 2026");
  expect(exactTime(instant, "Asia/Kolkata")).toBe("Nov 21, 2026, 04:00:00 GMT+5:30");
});

test("the two equal hours of an autumn night differ in their offset", () => {
  const first = intervalName("2026-10-25T00:00:00Z", "hour", "Europe/Berlin");
  const second = intervalName("2026-10-25T01:00:00Z", "hour", "Europe/Berlin");
  expect(first).toBe("Sun, Oct 25, 02:00 GMT+2");
  expect(second).toBe("Sun, Oct 25, 02:00 GMT+1");
});

test("the hour that spring skips is skipped", () => {
  const hours = ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"].map((hour) => axisLabel(hour, "hour", "Europe/Berlin"));
  expect(hours).toEqual(["01:00", "03:00"]);
});

test("an axis names the day at midnight", () => {
  expect(axisLabel("2026-11-19T23:00:00Z", "hour", "Europe/Berlin")).toBe("Nov 20");
  expect(axisLabel("2026-11-01T00:00:00Z", "month", "UTC")).toBe("Nov 26");
});

test("a zone is named with its offset of the season", () => {
  expect(zoneName("Europe/Helsinki", new Date("2026-01-01T00:00:00Z"))).toBe("Europe/Helsinki (GMT+2)");
  expect(zoneName("Europe/Helsinki", new Date("2026-07-01T00:00:00Z"))).toBe("Europe/Helsinki (GMT+3)");
  expect(zoneName("UTC", new Date())).toBe("UTC");
});

test("a time ago is never in the future", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  const seconds = [-5, 0, 30, 90, 7_300, 200_000];
  expect(seconds.map((back) => ago(new Date(now - back * 1_000).toISOString(), now))).toEqual([
    "now",
    "now",
    "30 s ago",
    "1 min ago",
    "2 h ago",
    "2 d ago",
  ]);
});

test("a range of whole days is named by its days, any other by its moments", () => {
  expect(rangeName("2026-10-19T00:00:00+03:00", "2026-10-26T00:00:00+02:00", "Europe/Helsinki")).toBe("Oct 19, 2026 – Oct 25, 2026");
  expect(rangeName("2026-10-19T00:00:00Z", "2026-10-20T00:00:00Z", "UTC")).toBe("Oct 19, 2026");
  expect(rangeName("2026-10-19T10:00:00Z", "2026-10-20T10:00:00Z", "UTC")).toBe("Oct 19, 2026, 10:00 UTC – Oct 20, 2026, 10:00 UTC");
  expect(rangeName("2026-10-19T10:00:00Z", "2026-10-20T10:00:30Z", "UTC")).toBe("Oct 19, 2026, 10:00:00 UTC – Oct 20, 2026, 10:00:30 UTC");
});
