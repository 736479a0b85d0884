import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../support/render";
import { server } from "../support/server";

const insight = { id: 3, name: "Weekly buyers", kind: "trends", description: "", query: { period: "7d" }, view: { chart: "bars" }, is_favourite: false, updated_at: "2026-10-01T12:00:00Z" };

test("the palette finds a page, a saved insight and an event, and opens them by keyboard", async () => {
  server.use(
    http.get("*/api/v1/analytics/7/saved-insights/", () =>
      HttpResponse.json({ items: [insight], next_cursor: null }),
    ),
    http.get("*/api/v1/analytics/7/definitions/events", () => HttpResponse.json({ items: [{ name: "purchase", hidden: false }] })),
  );
  const person = openDashboard("/p/7/settings/keys");
  await screen.findByRole("button", { name: /^Search/ });
  await person.keyboard("{Control>}k{/Control}");
  const field = await screen.findByRole("textbox", { name: "Search pages, insights, events…" });
  expect(await screen.findByRole("option", { name: "Weekly buyers" })).toBeVisible();
  await person.keyboard("{Escape}");
  expect(field).not.toBeInTheDocument();
  await person.click(screen.getByRole("button", { name: /^Search/ }));
  const again = await screen.findByRole("textbox", { name: "Search pages, insights, events…" });
  await person.type(again, "purch");
  expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual(["purchase"]);
  await person.clear(again);
  await person.type(again, "harb{Enter}");
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("/p/7");
    expect(screen.getByTestId("address")).not.toHaveTextContent("settings");
  });
});

test("the keys are listed by ?, but not while somebody types one", async () => {
  const person = openDashboard("/projects");
  await screen.findByRole("button", { name: /^Search/ });
  await person.keyboard("?");
  expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
});

test("the palette opens a saved insight with the view that was saved, and finds none without a page", async () => {
  const items = [insight, { ...insight, id: 4, name: "Of another client", kind: "heatmap" }];
  server.use(http.get("*/api/v1/analytics/7/saved-insights/", () => HttpResponse.json({ items, next_cursor: null })));
  const person = openDashboard("/p/7/settings/keys");
  await person.click(await screen.findByRole("button", { name: /^Search/ }));
  await person.click(await screen.findByRole("option", { name: "Weekly buyers" }));
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent(/^\/p\/7\/explore\/trends\?chart=bars&saved=3&period=7d/);
  });
  await person.click(screen.getByRole("button", { name: /^Search/ }));
  expect(await screen.findByRole("option", { name: "Weekly buyers" })).toBeVisible();
  expect(screen.queryByRole("option", { name: "Of another client" })).not.toBeInTheDocument();
});
