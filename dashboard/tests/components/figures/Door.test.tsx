import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { personSummary, server } from "../../support/server";

const HOSTILE = `<img src=x onerror="document.title='owned'">`;
const QUERY = { series: [{ event: "view" }, { event: "purchase", metric: "unique_persons" }], period: "7d", breakdown: { property: "country" } };
const QUESTION = { kind: "trends", query: QUERY, point: { series_index: 1, date: "2026-10-24T00:00:00+03:00", value: "DE" } };
const addressOf = (figure: object) => `/p/7/settings?users=${encodeURIComponent(JSON.stringify({ title: "Buyers · Germany", ...QUESTION, ...figure }))}`;
const ADDRESS = addressOf({});
const withFilter = () => addressOf({ filter: "country:is:DE" });

function answerWith(pages: Record<string, object[]>, total: number, asked: unknown[] = []) {
  server.use(
    http.post("*/api/v1/analytics/7/insights/trends/persons", async ({ request }) => {
      const body = (await request.json()) as { cursor: string | null };
      asked.push(body);
      const items = pages[body.cursor ?? ""] ?? [];
      return HttpResponse.json({
        from: "2026-10-24T00:00:00+03:00", to: "2026-10-25T00:00:00+03:00", timezone: "Europe/Helsinki",
        took_ms: 2, source: "sealed", cached: false, total, items, person_ids: [], next_cursor: body.cursor === null && pages["2"] ? "2" : null,
      });
    }),
  );
}

test("a figure leads on to itself in Explore, a breakdown, a filter, a dashboard and a link", async () => {
  answerWith({ "": [personSummary(1)] }, 1);
  const person = openDashboard(withFilter());
  const ways = within(await screen.findByRole("group", { name: "More about this figure" }));
  expect([...ways.getAllByRole("link"), ...ways.getAllByRole("button")].map(({ textContent }) => textContent)).toEqual([
    "Break down", "Open in Explore", "Filter to this", "Add to dashboard", "Copy link",
  ]);
  const explore = new URL(ways.getByRole("link", { name: "Open in Explore" }).getAttribute("href") ?? "", "http://x");
  expect(explore.pathname).toBe("/p/7/explore/trends");
  const own = { ...QUERY, series: [QUERY.series[1]], filters: { property: "country", operator: "is", value: ["DE"] } };
  expect(JSON.parse(explore.searchParams.get("q") ?? "")).toEqual({ period: "7d", series: own.series, filters: own.filters });
  const split = new URL(ways.getByRole("link", { name: "Break down" }).getAttribute("href") ?? "", "http://x");
  expect(JSON.parse(split.searchParams.get("q") ?? "")).toMatchObject({ filters: own.filters, breakdown: { property: "country" } });
  await person.click(ways.getByRole("button", { name: "Filter to this" }));
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent(/^\/p\/7\/settings\?period=30d&f=country%3Ais%3ADE$/);
  });
});

test("the users behind a figure are listed page by page, as many as it counts", async () => {
  const asked: unknown[] = [];
  answerWith({ "": [personSummary(1, { properties: { name: HOSTILE } })], "2": [personSummary(2)] }, 2, asked);
  const person = openDashboard(ADDRESS);
  const list = await screen.findByRole("dialog", { name: "Buyers · Germany" });
  expect(await within(list).findByText(/^2 users · Oct 24, 2026$/)).toBeVisible();
  expect(within(list).getByText(HOSTILE)).toBeVisible();
  expect(asked[0]).toMatchObject({ ...QUESTION.query, ...QUESTION.point, cursor: null });
  await person.click(within(list).getByRole("button", { name: "Show more users" }));
  expect(await within(list).findByText("2 of 2 shown")).toBeVisible();
  expect(within(list).getByRole("link", { name: /^user-2/ })).toHaveAttribute("href", "/p/7/people/2");
});

test("the users behind a figure become a cohort", async () => {
  answerWith({ "": [personSummary(1)] }, 1);
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/v1/analytics/7/cohorts/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ id: 3, name: "Buyers" }, { status: 201 });
    }),
  );
  const person = openDashboard(ADDRESS);
  await person.click(await screen.findByRole("button", { name: "Save as cohort" }));
  await person.click(await screen.findByRole("button", { name: "Save cohort" }));
  expect(await screen.findByText(/Saved as the cohort “Buyers · Germany”/)).toBeVisible();
  expect(sent).toMatchObject([{ name: "Buyers · Germany", figure: { kind: "trends", query: { ...QUESTION.query, ...QUESTION.point } } }]);
});

test("closing the list leaves the page as it was", async () => {
  answerWith({ "": [] }, 0);
  const person = openDashboard(ADDRESS);
  expect(await screen.findByText("Nobody is behind this figure.")).toBeVisible();
  await person.keyboard("{Escape}");
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent(/^\/p\/7\/settings$/);
  });
});

test("a figure is saved as an insight of its own, and put on a new dashboard for the same dates", async () => {
  answerWith({ "": [personSummary(1)] }, 1);
  const sent: unknown[] = [];
  server.use(
    http.get("*/api/v1/analytics/7/dashboards/", () => HttpResponse.json({ items: [], next_cursor: null })),
    http.post("*/api/v1/analytics/7/saved-insights/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ id: 4, name: "Buyers · Germany" }, { status: 201 });
    }),
    http.post("*/api/v1/analytics/7/dashboards/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ id: 9, name: "Sales", tiles: { items: [] } }, { status: 201 });
    }),
  );
  const person = openDashboard(ADDRESS);
  await person.click(await screen.findByRole("button", { name: "Add to dashboard" }));
  await person.type(await screen.findByLabelText("New dashboard"), "Sales");
  await person.click(screen.getByRole("button", { name: "Add" }));
  expect(await screen.findByRole("link", { name: "Added to Sales" })).toHaveAttribute("href", "/p/7/dashboards/9?period=7d");
  const filters = { property: "country", operator: "is", value: ["DE"] };
  expect(sent).toMatchObject([
    { name: "Buyers · Germany", kind: "trends", query: { period: "7d", series: [QUERY.series[1]], filters } },
    { name: "Sales", tiles: { items: [{ insight_id: 4 }] } },
  ]);
});

test("an address that names no figure shows no list", async () => {
  openDashboard(`/p/7/settings?users=${encodeURIComponent('{"title":"x","kind":"constructor","query":{}}')}`);
  expect(await screen.findByRole("heading", { level: 1 })).toBeVisible();
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
});
