import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import type { Report } from "../../../src/api/requests/client";
import { openDashboard } from "../../support/render";
import { recentEvent, server } from "../../support/server";

const DAYS = Array.from({ length: 30 }, (_, index) => new Date(Date.UTC(2026, 8, 26 + index, 21)).toISOString());

const entry: Report<"definitions/catalog">["items"][number] = {
  name: "checkout/paid",
  events: 1_234,
  total_events: 5_000,
  daily: DAYS.map((_, index) => index),
  first_seen: "2026-01-01T00:00:00+00:00",
  last_seen: "2026-10-25T00:15:00+00:00",
  status: "verified",
  description: "An order was paid.",
  owner: "Web team",
};

test("an event in the stream opens with everything that is stored of it, and filters by it", async () => {
  const queries: URLSearchParams[] = [];
  const paid = recentEvent("paid", {
    country: "DE",
    session_id: "s1",
    received_at: "2026-10-25T00:40:00+00:00",
    properties: { plan: "pro", items: [1, 2] },
  });
  server.use(
    http.get("*/api/events/", ({ request }) => {
      queries.push(new URL(request.url).searchParams);
      return HttpResponse.json({ items: [paid], next_cursor: null });
    }),
  );
  const person = openDashboard("/p/7/events?period=7d");
  await person.click(await screen.findByRole("button", { name: /^paid/ }));
  const drawer = within(await screen.findByRole("dialog"));
  expect(drawer.getByText("Received 10 min after it happened")).toBeVisible();
  expect(drawer.getByText("[1,2]")).toBeVisible();
  expect(drawer.getByText(/"plan":"pro"/)).toBeVisible();
  expect(drawer.getByRole("link", { name: "Events of this session" })).toHaveAttribute("href", "/p/7/events?session=s1");
  await person.click(drawer.getByRole("button", { name: "Show only events where plan is pro" }));
  await waitFor(() => {
    expect(queries.at(-1)?.get("filters")).toContain('"property":"plan"');
  });
  expect(queries.at(-1)?.get("period")).toBe("7d");
});

test("the catalogue is searched and paged by the server", async () => {
  const asked: string[] = [];
  server.use(
    http.get("*/api/v1/analytics/7/definitions/catalog", ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(searchParams.toString());
      const second = searchParams.get("cursor") === "next";
      const items = [second ? { ...entry, name: "second" } : entry];
      return HttpResponse.json({ items, total: 10_000, next_cursor: second ? null : "next" });
    }),
  );
  const person = openDashboard("/p/7/events/catalog");
  expect(await screen.findByText("10,000 event names")).toBeVisible();
  const row = screen.getByRole("row", { name: /checkout\/paid/ });
  expect(row).toHaveTextContent("Verified");
  expect(row).toHaveTextContent("Web team");
  await person.click(screen.getByRole("button", { name: "Show more names" }));
  expect(await screen.findByRole("link", { name: "second" })).toBeVisible();
  await person.type(screen.getByRole("searchbox", { name: "Search the catalogue" }), "paid");
  await waitFor(() => {
    expect(asked.at(-1)).toContain("search=paid");
  });
});

test("an event's page says where it is used, and members document it", async () => {
  const saved: unknown[] = [];
  server.use(
    http.get("*/api/v1/analytics/7/definitions/catalog-entry", ({ request }) => {
      expect(new URL(request.url).searchParams.get("name")).toBe("checkout/paid");
      const uses = [{ kind: "insight", id: 3, name: "Paid orders" }, { kind: "dashboard", id: 4, name: "Sales" }];
      return HttpResponse.json({ event: entry, days: DAYS, verified: true, hidden: false, json_schema: null, uses });
    }),
    http.get("*/api/v1/analytics/7/definitions/properties", () =>
      HttpResponse.json({
        items: [{ name: "plan", events: 10, types: ["string"], example: "pro", description: "", hidden: false, json_schema: null }],
        sampled_events: 10_000,
      }),
    ),
    http.post("*/api/v1/analytics/7/insights/breakdown", () =>
      HttpResponse.json({ items: [{ value: "pro", events: 7, persons: 5, share: 1 }], has_more: false }),
    ),
    http.put("*/api/v1/analytics/7/definitions/event/*", async ({ request }) => {
      saved.push(await request.json());
      return HttpResponse.json({});
    }),
  );
  const person = openDashboard("/p/7/events/catalog?name=checkout%2Fpaid");
  expect(await screen.findByRole("heading", { name: "checkout/paid" })).toBeVisible();
  expect(await screen.findByRole("link", { name: "Paid orders" })).toHaveAttribute("href", "/p/7/explore/library?search=Paid%20orders");
  expect(screen.getByRole("link", { name: "Sales" })).toHaveAttribute("href", "/p/7/dashboards/4");
  await person.click(await screen.findByRole("button", { name: /^plan/ }));
  expect(await screen.findByRole("list", { name: "Values of plan" })).toHaveTextContent("pro7");
  const owner = screen.getByRole("textbox", { name: "Owner" });
  await person.clear(owner);
  await person.type(owner, "Ada");
  await person.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => {
    expect(saved).toEqual([{ owner: "Ada" }]);
  });
});

test("the search of the stream keeps the focus while the address follows", async () => {
  const asked: (string | null)[] = [];
  server.use(
    http.get("*/api/events/", ({ request }) => {
      asked.push(new URL(request.url).searchParams.get("search"));
      return HttpResponse.json({ items: [recentEvent("paid")], next_cursor: null });
    }),
  );
  const person = openDashboard("/p/7/events?period=7d");
  await person.type(await screen.findByRole("searchbox", { name: "Search events" }), "pa");
  await waitFor(() => {
    expect(asked.at(-1)).toBe("pa");
  });
  expect(screen.getByRole("searchbox", { name: "Search events" })).toHaveFocus();
  await person.keyboard("yd");
  await waitFor(() => {
    expect(asked.at(-1)).toBe("payd");
  });
  expect(screen.getByTestId("address")).toHaveTextContent("/p/7/events?period=7d&search=payd");
});

test("an open event stays open when newer events push it out of the list", async () => {
  let items = [recentEvent("first_event")];
  server.use(http.get("*/api/events/", () => HttpResponse.json({ items, next_cursor: null })));
  const person = openDashboard("/p/7/events?period=7d");
  await person.click(await screen.findByRole("button", { name: /^first_event/ }));
  await screen.findByRole("dialog", { name: "first_event" });
  items = [recentEvent("second_event")];
  expect(await screen.findByRole("button", { name: /^second_event/, hidden: true }, { timeout: 8_000 })).toBeInTheDocument();
  expect(screen.getByRole("dialog", { name: "first_event" })).toBeVisible();
});
