import { expect, test } from "vitest";
import { instantOf, localTime } from "../../src/format/localTime";

test.each([
  ["2026-10-24T18:00", "Europe/Helsinki", "2026-10-24T15:00:00.000Z"],
  ["2026-10-25T03:30", "Europe/Helsinki", "2026-10-25T00:30:00.000Z"], // the first of two
  ["2026-03-29T03:30", "Europe/Helsinki", "2026-03-29T01:30:00.000Z"], // skipped: an hour later by the clock
  ["2026-01-01T00:00", "Pacific/Kiritimati", "2025-12-31T10:00:00.000Z"],
  ["2026-01-01T00:00", "Pacific/Pago_Pago", "2026-01-01T11:00:00.000Z"],
  ["2026-06-01T12:15", "Asia/Kathmandu", "2026-06-01T06:30:00.000Z"],
])("%s in %s is %s", (local, zone, instant) => {
  expect(instantOf(local, zone)).toBe(instant);
});

test("an instant is shown by the local clock, and is the same after editing", () => {
  expect(localTime("2026-10-24T15:00:00Z", "Europe/Helsinki")).toBe("2026-10-24T18:00");
  expect(instantOf("", "UTC")).toBeNull();
});
