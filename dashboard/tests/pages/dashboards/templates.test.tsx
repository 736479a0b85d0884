import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { matchEvents, planTiles, TEMPLATES } from "../../../src/pages/dashboards/templates";
import { openDashboard } from "../../support/render";
import { refusal, server } from "../../support/server";

test("events are found whatever their case and separators, the most usual name first", () => {
  const names = ["Purchase", "orderCompleted", "Product Added", "$pageview"];
  expect(matchEvents(TEMPLATES.shop, names)).toEqual({ view: "$pageview", cart: "Product Added", purchase: "Purchase" });
});

test.each(Object.entries(TEMPLATES))("the template %s asks for no event that the project lacks", (_, template) => {
  const all = Object.fromEntries(template.events.map(({ key }) => [key, `event of ${key}`]));
  const bare = planTiles(template, {});
  expect(JSON.stringify(bare)).not.toContain('"event":""');
  expect(bare.length).toBeGreaterThan(1);
  expect(planTiles(template, all)).toHaveLength(template.tiles.length);
  const [[first]] = [Object.keys(all)];
  const lacking = planTiles(template, { ...all, [first ?? ""]: "" });
  expect(JSON.stringify(lacking)).not.toContain(`event of ${first ?? ""}"`);
  expect(lacking.length).toBeLessThan(template.tiles.length);
});

test("a template creates its insights and a dashboard of them; an event can be left out", async () => {
  const insights: { name: string }[] = [];
  const boards: { name: string; tiles: { items: { text: string | null; insight_id: number | null }[] } }[] = [];
  server.use(
    http.get("*/api/v1/analytics/7/definitions/events", () =>
      HttpResponse.json({ items: ["signed_up", "subscription_started", "page_view"].map((name) => ({ name, hidden: false, events: 3, description: "" })) }),
    ),
    http.get("*/api/v1/analytics/7/dashboards/", () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get("*/api/v1/analytics/7/dashboards/4", () => new HttpResponse(null, { status: 404 })),
    http.post("*/api/v1/analytics/7/saved-insights/", async ({ request }) => {
      insights.push((await request.json()) as { name: string });
      return HttpResponse.json({ id: insights.length }, { status: 201 });
    }),
    http.post("*/api/v1/analytics/7/dashboards/", async ({ request }) => {
      boards.push((await request.json()) as (typeof boards)[number]);
      return HttpResponse.json({ id: 4 }, { status: 201 });
    }),
  );
  const person = openDashboard("/p/7/dashboards");
  await person.click(await screen.findByRole("button", { name: "Start from a template" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Start from a template" }));
  await person.click(dialog.getByRole("radio", { name: "SaaS" }));
  expect(await dialog.findByRole("combobox", { name: "Somebody signs up" })).toHaveValue("signed_up");
  expect(dialog.getByRole("status")).toHaveTextContent("Creates 5 insights; 2 insights are left out");
  await person.click(dialog.getByRole("combobox", { name: "A subscription starts" }));
  await person.click(await screen.findByRole("option", { name: "Leave out" }));
  expect(dialog.getByRole("status")).toHaveTextContent("Creates 3 insights; 4 insights are left out");
  await person.click(dialog.getByRole("button", { name: "Create" }));
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("/p/7/dashboards/4");
  });
  expect(insights.map(({ name }) => name)).toEqual(["Active users", "Sign-ups", "Users who come back"]);
  expect(boards[0]?.name).toBe("SaaS");
  expect(boards[0]?.tiles.items.map(({ text, insight_id: id }) => id ?? text?.split("\n")[0])).toEqual(["# SaaS", 1, 2, 3]);
});

test("when a part of a template is refused, what was saved for it is deleted again", async () => {
  const deleted: string[] = [];
  let saved = 0;
  server.use(
    http.get("*/api/v1/analytics/7/definitions/events", () => HttpResponse.json({ items: [] })),
    http.get("*/api/v1/analytics/7/dashboards/", () => HttpResponse.json({ items: [], next_cursor: null })),
    http.post("*/api/v1/analytics/7/saved-insights/", () => HttpResponse.json({ id: ++saved }, { status: 201 })),
    http.delete("*/api/v1/analytics/7/saved-insights/:id", ({ params }) => {
      deleted.push(String(params["id"]));
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("*/api/v1/analytics/7/dashboards/", () => refusal(409, "Too many.")),
  );
  const person = openDashboard("/p/7/dashboards");
  await person.click(await screen.findByRole("button", { name: "Start from a template" }));
  const create = await screen.findByRole("button", { name: "Create" });
  await waitFor(() => {
    expect(create).toBeEnabled();
  });
  await person.click(create);
  expect(await screen.findByText(/Too many\./)).toBeVisible();
  expect(deleted.length).toBe(saved);
  expect(saved).toBeGreaterThan(1);
});
