import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../support/render";
import { personSummary, refusal, server } from "../support/server";

/** These tests end where the figures of a page begin. */
const noFigures = http.post("*/api/v1/analytics/7/insights/trends", () => refusal(503, "Starting."));
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
  const field = await screen.findByRole("textbox", { name: "Search pages, insights, dashboards, events, users…" });
  expect(await screen.findByRole("option", { name: "Weekly buyers" })).toBeVisible();
  await person.keyboard("{Escape}");
  expect(field).not.toBeInTheDocument();
  await person.click(screen.getByRole("button", { name: /^Search/ }));
  const again = await screen.findByRole("textbox", { name: "Search pages, insights, dashboards, events, users…" });
  await person.type(again, "purch");
  expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual(["purchase", "Find users: purch"]);
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
  server.use(noFigures, http.get("*/api/v1/analytics/7/saved-insights/", () => HttpResponse.json({ items, next_cursor: null })));
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

test("the palette finds a dashboard, the users that match what was typed, and the list of keys", async () => {
  server.use(
    http.get("*/api/v1/analytics/7/dashboards/", () => HttpResponse.json({ items: [{ id: 4, name: "Growth" }], next_cursor: null })),
    http.get("*/api/v1/analytics/7/persons", () => HttpResponse.json({ items: [], next_cursor: null, total: 0 })),
  );
  const person = openDashboard("/p/7/settings/keys");
  const search = async (text: string) => {
    await person.keyboard("{Control>}k{/Control}");
    await person.type(await screen.findByRole("textbox", { name: /^Search pages/ }), text);
  };
  await screen.findByRole("button", { name: /^Search/ });
  await search("growth");
  expect(await screen.findByRole("option", { name: "Growth" })).toBeVisible();
  await person.keyboard("{Escape}");
  await search("shortcuts{Enter}");
  expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await person.keyboard("{Escape}");
  await search("ada@");
  await person.keyboard("{Enter}");
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("/p/7/people?search=ada%40");
  });
});

test("in a project with thousands of names, the palette finds the rare ones too", async () => {
  const many = Array.from({ length: 1_000 }, (_, index) => ({ name: `frequent_${index}`, hidden: false, description: "", events: 1_000 - index }));
  const rare = { name: "rare_9876", status: "none", description: "", events: 2 };
  server.use(
    noFigures,
    http.get("*/api/v1/analytics/7/definitions/events", () => HttpResponse.json({ items: many })),
    http.get("*/api/v1/analytics/7/definitions/catalog", ({ request }) => {
      const isFound = rare.name.includes(new URL(request.url).searchParams.get("search") ?? "");
      return HttpResponse.json({ items: isFound ? [rare] : [], total: Number(isFound), next_cursor: null });
    }),
  );
  const person = openDashboard("/p/7/settings/keys");
  await person.click(await screen.findByRole("button", { name: /^Search/ }));
  await person.type(await screen.findByRole("textbox", { name: /^Search pages/ }), "rare_98");
  await person.click(await screen.findByRole("option", { name: "rare_9876" }));
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("rare_9876");
  });
});

test("the palette finds users by what they are, also where their name does not say it", async () => {
  server.use(
    // This test ends where the page of a user begins.
    http.get("*/api/v1/analytics/7/persons/4", () => refusal(404, "Gone.")),
    http.get("*/api/v1/analytics/7/persons/4/:part", () => refusal(404, "Gone.")),
    http.get("*/api/v1/analytics/7/sessions", () => refusal(404, "Gone.")),
    http.get("*/api/v1/analytics/7/persons/", ({ request }) => {
      const isAda = new URL(request.url).searchParams.get("search") === "pro plan";
      return HttpResponse.json({ items: isAda ? [personSummary(4, { properties: { name: "Ada", plan: "pro plan" } })] : [], next_cursor: null, total: null });
    }),
  );
  const person = openDashboard("/p/7/settings/keys");
  await person.click(await screen.findByRole("button", { name: /^Search/ }));
  await person.type(await screen.findByRole("textbox", { name: /^Search pages/ }), "pro plan");
  await person.click(await screen.findByRole("option", { name: "Ada" }));
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("/p/7/people/4");
  });
});
