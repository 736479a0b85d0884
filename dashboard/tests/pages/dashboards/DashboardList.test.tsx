import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { server } from "../../support/server";

const board = (id: number, name: string, createdBy: number | null = 1) => ({
  id, name, description: "", tiles: { items: [] }, created_by: createdBy, is_shared: false, share_expires_at: null, share: null,
  created_at: "2026-10-01T00:00:00+00:00", updated_at: `2026-10-0${String(id)}T00:00:00+00:00`,
});
const BOARDS = [board(3, "Growth"), board(4, "Revenue", null), board(5, "Onboarding")];

beforeEach(() => {
  server.use(
    http.get("*/api/v1/analytics/7/dashboards/", () => HttpResponse.json({ items: BOARDS, next_cursor: null })),
    http.get("*/api/v1/analytics/7/dashboards/3", () => HttpResponse.json(BOARDS[0])),
  );
});

async function names(): Promise<(string | null)[]> {
  const list = await screen.findByRole("list", { name: "Dashboards" });
  return within(list).getAllByRole("link").map(({ textContent }) => textContent);
}

test("favourites come first, then what was viewed last, then what changed last", async () => {
  const person = openDashboard("/p/7/dashboards");
  expect(await names()).toEqual(["Onboarding", "Revenue", "Growth"]);
  await person.click(screen.getByRole("link", { name: "Growth" }));
  await screen.findByRole("heading", { level: 1, name: "Growth" });
  await person.click(screen.getByTestId("back"));
  expect(await names()).toEqual(["Growth", "Onboarding", "Revenue"]);
  expect(screen.getByText(/ · viewed /)).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Add Revenue to favourites" }));
  expect(await names()).toEqual(["Revenue", "Growth", "Onboarding"]);
});

test("dashboards are found by name and by who made them", async () => {
  const person = openDashboard("/p/7/dashboards?search=secret+key");
  expect(await screen.findByRole("link", { name: "Revenue" })).toBeVisible();
  expect(await names()).toEqual(["Revenue"]);
  await person.clear(screen.getByRole("searchbox", { name: "Search dashboards" }));
  await person.type(screen.getByRole("searchbox", { name: "Search dashboards" }), "none");
  expect(await screen.findByText("No dashboard has “none” in its name, description or owner.")).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Clear search" }));
  expect(await names()).toHaveLength(3);
});

test("what this browser has kept of dashboards may be unreadable", async () => {
  localStorage.setItem("tidemark-dashboards-7", '{"viewed":{"3":"yesterday"},"favourites":"3"}');
  openDashboard("/p/7/dashboards");
  expect(await names()).toEqual(["Onboarding", "Revenue", "Growth"]);
});
