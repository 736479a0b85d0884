import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { personSummary, recentEvent, server } from "../../support/server";

const API = "*/api/v1/analytics/7";
const KEY = "a/b?c=%ff&<b>";
const group = (group_key: string, properties: object = {}) => ({ group_key, created_at: "2026-10-01T08:00:00+00:00", properties });
let asked: URL[] = [];

beforeEach(() => {
  asked = [];
  const note = (request: Request) => {
    asked.push(new URL(request.url));
    return asked.at(-1)?.searchParams ?? new URLSearchParams();
  };
  server.use(
    http.get(`${API}/groups/types`, () => HttpResponse.json({ items: [{ group_type: "company", groups: 2 }, { group_type: "guild", groups: 1 }] })),
    http.get(`${API}/groups/`, ({ request }) => {
      const query = note(request);
      const all = query.get("group_type") === "guild" ? [group("night watch")] : [group("acme", { name: "Acme Rockets", seats: 5 }), group(KEY)];
      const items = all.filter(({ group_key: key }) => key.includes(query.get("search") ?? ""));
      return HttpResponse.json({ items, total: items.length, next_cursor: null });
    }),
    http.get(`${API}/groups/one`, ({ request }) => {
      const query = note(request);
      if (query.get("group_key") === "gone") return HttpResponse.json({ code: "not_found", message: "No such group." }, { status: 404 });
      return HttpResponse.json({
        ...group(query.get("group_key") ?? "", { name: "Acme Rockets", seats: 5 }),
        group_type: "company", from: "2026-09-26T00:00:00+03:00", to: "2026-10-26T00:00:00+03:00", timezone: "Europe/Helsinki",
        events: 1_234, persons: 17, last_seen: "2026-10-24T08:00:00+00:00",
      });
    }),
    http.post(`${API}/insights/trends/persons`, () =>
      HttpResponse.json({ items: [personSummary(1)], total: 1, next_cursor: null, from: "2026-09-26T00:00:00+03:00", to: "2026-10-26T00:00:00+03:00", timezone: "Europe/Helsinki" }),
    ),
    http.get("*/api/events/", ({ request }) => {
      note(request);
      return HttpResponse.json({ items: [recentEvent("purchase")], next_cursor: null });
    }),
    http.get(`${API}/definitions/:kind`, () => HttpResponse.json({ items: [] })),
  );
});

test("companies are listed by type, searched, and lead to their pages", async () => {
  const person = openDashboard("/p/7/people/companies");
  const table = await screen.findByRole("table", { name: "Companies" });
  const [, acme, odd] = within(table).getAllByRole("row");
  expect(acme).toHaveTextContent(/Acme Rocketsacmename: Acme Rockets · seats: 5Oct 1, 2026/);
  const link = within(odd as HTMLElement).getByRole("link", { name: KEY });
  expect(new URL(link.getAttribute("href") ?? "", "http://x").searchParams.get("key")).toBe(KEY);
  await person.type(screen.getByRole("searchbox", { name: "Search companies" }), "zzz");
  expect(await screen.findByText("No company has “zzz” in its key or a property.")).toBeVisible();
  await person.clear(screen.getByRole("searchbox", { name: "Search companies" }));
  expect(await screen.findByRole("link", { name: "Acme Rockets" })).toBeVisible();
  await person.click(screen.getByRole("combobox", { name: "Type" }));
  await person.click(await screen.findByRole("option", { name: "guild" }));
  expect(await screen.findByRole("link", { name: "night watch" })).toBeVisible();
  expect(screen.getByTestId("address")).toHaveTextContent("/p/7/people/companies?type=guild");
});

test("a company's page has its users, events and properties of the chosen period", async () => {
  openDashboard(`/p/7/people/companies?${new URLSearchParams({ type: "company", key: KEY, period: "7d" }).toString()}`);
  expect(await screen.findByRole("heading", { level: 1, name: "Acme Rockets" })).toBeVisible();
  expect(screen.getByRole("region", { name: "Users of Acme Rockets" })).toBeVisible();
  expect(await screen.findByRole("link", { name: /user-1/ })).toHaveAttribute("href", "/p/7/people/1");
  expect(await screen.findByRole("button", { name: /purchase/ })).toBeVisible();
  expect(screen.getByRole("region", { name: "Properties" })).toHaveTextContent("seats5");
  expect(screen.getByText("1,234")).toBeVisible();
  const [one, events] = ["groups/one", "api/events/"].map((end) => asked.find(({ pathname }) => pathname.endsWith(end))?.searchParams);
  expect(one?.get("period")).toBe("7d");
  expect(JSON.parse(events?.get("filters") ?? "")).toEqual({ property: "properties.$groups.company", operator: "is", value: [KEY] });
});

test("a company that is not known is said to be", async () => {
  openDashboard("/p/7/people/companies?type=company&key=gone");
  expect(await screen.findByText("This company doesn't exist")).toBeVisible();
});

test("a project without groups says where they come from", async () => {
  server.use(http.get(`${API}/groups/types`, () => HttpResponse.json({ items: [] })));
  openDashboard("/p/7/people/companies");
  expect(await screen.findByText("No companies yet.")).toBeVisible();
  await waitFor(() => {
    expect(screen.getByRole("link", { name: "How to send events" })).toHaveAttribute("href", "/p/7/install");
  });
});
