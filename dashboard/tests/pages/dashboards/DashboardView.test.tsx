import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { Tile } from "../../../src/api/insights/dashboards";
import { openDashboard } from "../../support/render";
import { server } from "../../support/server";

const text = (content: string): Tile => ({ insight_id: null, text: content, layout: { width: 6 }, projects: null });
let tiles: Tile[] = [];
let changes = 0;

const board = () => ({
  id: 4, name: "Growth", description: "", tiles: { items: tiles }, created_by: 1, is_shared: false, share_expires_at: null, share: null,
  created_at: "2026-10-01T00:00:00+00:00", updated_at: "2026-10-01T00:00:00+00:00",
});

beforeEach(() => {
  tiles = [text("# First"), text("# Second"), text("# Third")];
  changes = 0;
  server.use(
    http.get("*/api/v1/analytics/7/dashboards/", () => HttpResponse.json({ items: [board()], next_cursor: null })),
    http.get("*/api/v1/analytics/7/dashboards/4", () => HttpResponse.json(board())),
    http.patch("*/api/v1/analytics/7/dashboards/4", async ({ request }) => {
      changes += 1;
      tiles = ((await request.json()) as { tiles: { items: Tile[] } }).tiles.items;
      return HttpResponse.json(board());
    }),
  );
});

const shown = () => within(screen.getByRole("main")).getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent);

test("a layout is a draft until it is saved by its key, and the focus stays on the tile that moves", async () => {
  const person = openDashboard("/p/7/dashboards/4");
  await screen.findByRole("region", { name: "First" });
  await person.keyboard("e");
  await waitFor(() => {
    expect(screen.getByRole("button", { name: "Save layout" })).toHaveFocus();
  });
  screen.getByRole("button", { name: "Move later: First" }).focus();
  await person.keyboard("{Enter}");
  await waitFor(() => {
    expect(screen.getByRole("button", { name: "Move later: First" })).toHaveFocus();
  });
  expect(shown()).toEqual(["Second", "First", "Third"]);
  await person.selectOptions(screen.getByLabelText("Width: First"), "Full");
  expect(changes).toBe(0);
  screen.getByRole("button", { name: "Move later: First" }).focus();
  await person.keyboard("s");
  expect(await screen.findByRole("button", { name: "Edit layout" })).toBeVisible();
  expect(tiles.map((tile) => [tile.text, tile.layout["width"]])).toEqual([["# Second", 6], ["# First", 12], ["# Third", 6]]);
});

test("a layout that is not saved is not left without a question, and can be cancelled", async () => {
  const person = openDashboard("/p/7/dashboards/4");
  await person.click(await screen.findByRole("button", { name: "Edit layout" }));
  await person.click(screen.getByRole("button", { name: "Remove: Second" }));
  expect(shown()).toEqual(["First", "Third"]);
  await person.click(screen.getByRole("link", { name: "Dashboards" }));
  await person.click(await screen.findByRole("button", { name: "Stay" }));
  await person.click(screen.getByRole("button", { name: "Cancel" }));
  expect(shown()).toEqual(["First", "Second", "Third"]);
  await waitFor(() => {
    expect(screen.queryByRole("dialog")).toBeNull();
  });
  await person.click(screen.getByRole("link", { name: "Dashboards" }));
  expect(await screen.findByRole("link", { name: "Growth" })).toBeVisible();
  expect(changes).toBe(0);
});

test("a removed tile is put back where it was, among the tiles of by then", async () => {
  const person = openDashboard("/p/7/dashboards/4");
  await person.click(await screen.findByRole("button", { name: "Actions of Second" }));
  await person.click(await screen.findByRole("menuitem", { name: "Remove from dashboard" }));
  expect(await screen.findByText("“Second” removed from the dashboard")).toBeVisible();
  expect(tiles.map((tile) => tile.text)).toEqual(["# First", "# Third"]);
  await person.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(() => {
    expect(tiles.map((tile) => tile.text)).toEqual(["# First", "# Second", "# Third"]);
  });
});

test("a deleted dashboard is gone from the list, and undoing brings it back", async () => {
  const person = openDashboard("/p/7/dashboards/4");
  await person.click(await screen.findByRole("button", { name: "More actions" }));
  await person.click(await screen.findByRole("menuitem", { name: "Delete dashboard" }));
  expect(await screen.findByText("No dashboards yet")).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Undo" }));
  expect(await screen.findByRole("link", { name: "Growth" })).toBeVisible();
});
