import { describe, expect, test } from "vitest";
import { exactNumber, sharePercent, shortNumber, signedPercent } from "../src/format/numbers";
import { ago, axisLabel, dayName, exactTime, intervalName, zoneName } from "../src/format/time";

describe("numbers", () => {
  test("are exact below ten thousand and short above", () => {
    expect([0, 9_999, 10_000, 1_234_567, -12_345].map(shortNumber)).toEqual(["0", "9,999", "10K", "1.2M", "-12.3K"]);
    expect(exactNumber(1_234_567)).toBe("1,234,567");
  });

  test("what is there is never shown as nothing", () => {
    expect([0, 0.0004, 0.256, 1].map(sharePercent)).toEqual(["0%", "<0.1%", "25.6%", "100%"]);
  });

  test("changes carry a sign", () => {
    expect([12.5, -3, 0, 125_000].map(signedPercent)).toEqual(["+12.5%", "−3%", "0%", "+125K%"]);
  });
});

describe("times", () => {
  test("are in the project's zone, which may be on another day", () => {
    const instant = "2026-11-20T22:30:00Z";
    expect(dayName(instant, "UTC")).toBe("Nov 20, 2026");
    expect(dayName(instant, "Asia/Tokyo")).toBe("Nov 21, 2026");
    expect(exactTime(instant, "Asia/Kolkata")).toBe("Nov 21, 2026, 04:00:00 GMT+5:30");
  });

  test("the two equal hours of an autumn night are told apart by their offset", () => {
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

  test("how long ago, and never in the future", () => {
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
});
