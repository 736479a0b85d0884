import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import type { Report } from "../../../src/api/requests/client";
import { openDashboard } from "../../support/render";
import { projectHealth, server } from "../../support/server";

const health: Report<"health"> = {
  from: "2026-10-24T00:00:00+03:00",
  to: "2026-10-25T00:00:00+03:00",
  as_of: "2026-10-25T00:00:00+03:00",
  interval: "hour",
  received: 1_000,
  stored: 900,
  duplicate: 40,
  refused: 60,
  crawlers: 10,
  reasons: [
    { reason: "invalid_name", events: 50, event_name: "x", detail: "The name has 101 characters.", last_seen: "2026-10-24T01:00:00+00:00" },
    { reason: "bot", events: 10, event_name: "", detail: "", last_seen: null },
  ],
  warnings: [],
  intervals: [
    { start: "2026-10-24T00:00:00+03:00", stored: 900, duplicate: 40, refused: 60, wait_seconds: 0.25, max_wait_seconds: 40 },
    { start: "2026-10-24T01:00:00+03:00", stored: 0, duplicate: 0, refused: 0, wait_seconds: null, max_wait_seconds: null },
  ],
  limits: [
    { limit: "events_per_minute", used: 60, maximum: 60_000 },
    { limit: "events_per_day", used: 900, maximum: 1_000 },
    { limit: "events_per_month", used: 5_000, maximum: null },
  ],
  clocks: { events: 900, median_seconds: 1.2, late_seconds: 95, ahead: 3, ignored: 0 },
  clients: [
    { source: "web", library: null, version: null, events: 900, last_seen: "2026-10-24T01:00:00+00:00", is_older: false },
    { source: "web", library: "posthog-js", version: "1.9.2", events: 40, last_seen: "2026-10-24T01:00:00+00:00", is_older: true },
  ],
  dead_letters: 0,
  undeclared_proxy: null,
  problems: ["many_refused", "near_limit"],
};

const crawlers: Report<"crawlers"> = {
  events: 10,
  sources: [
    { crawler_class: "ai", operator: "openai.com", events: 7 },
    { crawler_class: "other", operator: "", events: 3 },
  ],
  pages: [{ page_url: "https://reef.example/prices", crawler_class: "ai", operator: "openai.com", events: 7 }],
};

function healthIs(changes: Partial<Report<"health">> = {}) {
  server.use(http.get("*/api/v1/analytics/7/crawlers", () => HttpResponse.json(crawlers)));
  server.use(http.get("*/api/v1/analytics/7/health", () => HttpResponse.json({ ...health, ...changes })));
}

test("what came of received events adds up, and every refusal has a sample and what to do", async () => {
  healthIs();
  const person = openDashboard("/p/7/health");
  expect(await screen.findByText("1,000 received = 900 stored + 40 duplicate + 60 refused")).toBeVisible();
  expect(screen.getByRole("status", { name: "2 things need attention" })).toBeVisible();
  expect(screen.getByRole("link", { name: /^Health/ })).toHaveTextContent("2 things need attention");
  const reasons = within(screen.getByRole("list", { name: "Refused, by reason" }));
  expect(reasons.getByText("Event name not usable")).toBeVisible();
  expect(reasons.getByText(/The name has 101 characters/)).toBeVisible();
  expect(reasons.getByText(/Use a text of 1 to 100 characters/)).toBeVisible();
  expect(screen.getByText("900 of 1,000")).toBeVisible();
  expect(screen.getByText("5,000, no limit")).toBeVisible();
  expect(screen.getByText("Mean 250 ms, longest 40 s")).toBeVisible();
  const clients = within(screen.getByRole("table", { name: "Apps and SDKs" }));
  expect(clients.getByRole("row", { name: /^web – not stated 900 / })).toBeVisible();
  expect(clients.getByRole("row", { name: /^web posthog-js 1\.9\.2 \(not the newest\) 40 / })).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Show as table: Time until stored" }));
  expect(await screen.findByRole("row", { name: /900 250 ms 40 s/ })).toBeVisible();
});

test("crawlers are counted by kind and operator, with the pages of those that are kept", async () => {
  healthIs();
  openDashboard("/p/7/health");
  const counted = within(await screen.findByRole("table", { name: "Crawlers" }));
  expect(counted.getByRole("row", { name: "AI training openai.com 7" })).toBeVisible();
  expect(counted.getByRole("row", { name: "Other unknown 3" })).toBeVisible();
  const pages = within(screen.getByRole("table", { name: "Pages of kept events" }));
  expect(pages.getByRole("row", { name: "https://reef.example/prices AI training openai.com 7" })).toBeVisible();
});

test("nothing to see is said as such", async () => {
  healthIs(projectHealth);
  openDashboard("/p/7/health?period=7d");
  expect(await screen.findByText("All good")).toBeVisible();
  expect(screen.getByText("No event was refused in this period.")).toBeVisible();
  expect(screen.getByRole("radio", { name: "7 days" })).toBeChecked();
});

test("figures of another period are not left below the chosen one", async () => {
  server.use(
    http.get("*/api/v1/analytics/7/health", ({ request }) =>
      new URL(request.url).searchParams.get("period") === "7d" ? new Promise<never>(() => undefined) : HttpResponse.json(health),
    ),
  );
  const person = openDashboard("/p/7/health");
  const equation = await screen.findByText("1,000 received = 900 stored + 40 duplicate + 60 refused");
  expect(screen.getByText(/Oct 24, 2026$/)).toBeVisible();
  await person.click(screen.getByRole("radio", { name: "7 days" }));
  await waitFor(
    () => {
      expect(equation).not.toBeInTheDocument();
    },
    { timeout: 5_000 },
  );
  expect(screen.queryByText(/Oct 24, 2026$/)).not.toBeInTheDocument();
});
