import { expect, test } from "vitest";
import { shares } from "../../../src/pages/overview/shares";

test("shares of the most frequent names and of all others add up to the total", () => {
  const items = Array.from({ length: 9 }, (_, index) => ({ event_name: `event ${index}`, count: 10, share: 0.1 }));
  const slices = shares({ items, total_events: 100 });
  expect(slices.reduce((sum, slice) => sum + slice.value, 0)).toBe(100);
  expect(slices.at(-1)).toEqual({ label: "All others", value: 40, share: 0.4, isRest: true });
});
