import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { personOf, personSummary, recentEvent, server, sessionList, sessionSummary } from "../../support/server";

const HOSTILE = `<img src=x onerror="document.title='owned'">`;
const API = "*/api/v1/analytics/7";
let asked: URLSearchParams[] = [];

beforeEach(() => {
  asked = [];
  server.use(
    http.get(`${API}/persons/`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query);
      const items = query.get("search") === "nobody" ? [] : [personSummary(1, { properties: { name: "Ada", plan: "pro" } }), personSummary(2)];
      return HttpResponse.json({ items, next_cursor: null, total: items.length });
    }),
    http.get(`${API}/persons/1`, () => HttpResponse.json(personOf(1, { properties: { name: HOSTILE, plan: "pro" }, cohorts: [{ id: 3, name: "Buyers" }] }))),
    http.get(`${API}/persons/1/activity`, () => HttpResponse.json({ days: [{ date: new Date().toISOString().slice(0, 10), events: 12 }] })),
    http.get(`${API}/persons/1/events`, () =>
      HttpResponse.json({
        items: [
          recentEvent("purchase", { id: 3, session_id: "s2", timestamp: "2026-10-24T08:05:00+00:00" }),
          recentEvent("page_view", { id: 2, session_id: "s2", timestamp: "2026-10-24T08:00:00+00:00" }),
          recentEvent("signup", { id: 1, session_id: "s1", timestamp: "2026-10-01T08:00:00+00:00" }),
        ],
        next_cursor: null,
      }),
    ),
    http.get(`${API}/sessions`, ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json(sessionList([sessionSummary("s2")]));
    }),
    http.get(`${API}/definitions/properties`, () => HttpResponse.json({ items: [] })),
    http.get(`${API}/definitions/events`, () => HttpResponse.json({ items: [] })),
  );
});

test("users are listed with what they are, and searched in the address", async () => {
  const person = openDashboard("/p/7/people");
  const table = await screen.findByRole("table", { name: "Users" });
  const [, ada] = within(table).getAllByRole("row");
  expect(ada).toHaveTextContent(/Ada.*user-1.*Germany.*Firefox, Linux/);
  expect(within(table).getByRole("link", { name: /Ada/ })).toHaveAttribute("href", "/p/7/people/1");
  expect(screen.getByRole("heading", { name: "2 users" })).toBeVisible();
  await person.type(screen.getByRole("searchbox", { name: "Search users" }), "nobody");
  expect(await screen.findByText("No user has “nobody” in an ID or a property.")).toBeVisible();
  expect(screen.getByTestId("address")).toHaveTextContent("/p/7/people?search=nobody");
  await person.click(screen.getByRole("button", { name: "Clear search" }));
  expect(await screen.findByRole("table", { name: "Users" })).toBeVisible();
});

test("kinds of users, filters, order and columns are in the address, and asked of the server", async () => {
  const person = openDashboard("/p/7/people?f=%40cohort%3Acohort%3Ais%3A3&sort=first_seen&columns=%5B%22plan%22%5D");
  const table = await screen.findByRole("table", { name: "Users" });
  expect(within(table).getByRole("columnheader", { name: "plan" })).toBeVisible();
  expect(within(table).getByRole("cell", { name: "pro" })).toBeVisible();
  await person.click(screen.getByRole("radio", { name: "Identified" }));
  await waitFor(() => {
    expect(asked.at(-1)?.get("identified")).toBe("true");
  });
  expect(asked.at(-1)?.get("sort")).toBe("first_seen");
  expect(JSON.parse(asked.at(-1)?.get("filters") ?? "")).toEqual({ and: [{ property: "cohort", operator: "is", scope: "cohort", value: [3] }] });
});

test("users are ordered by events, and any property of the project can be a column", async () => {
  server.use(http.get("*/api/v1/analytics/7/persons/properties", () => HttpResponse.json({ items: [{ name: "plan", persons: 9 }, { name: "seats", persons: 1 }] })));
  const person = openDashboard("/p/7/people?sort=events");
  const table = await screen.findByRole("table", { name: "Users" });
  expect(asked.at(-1)?.get("sort")).toBe("events");
  await person.click(screen.getByRole("combobox", { name: "Columns: properties" }));
  // None of the users on screen has it.
  await person.click(await screen.findByRole("option", { name: "seats" }));
  expect(within(table).getByRole("columnheader", { name: "seats" })).toBeVisible();
});

test("a profile shows a user's facts, activity and events by session", async () => {
  const person = openDashboard("/p/7/people/1");
  expect(await screen.findByRole("heading", { level: 1, name: HOSTILE })).toBeVisible();
  expect(await screen.findByRole("img", { name: "Active on 1 of 90 days, 12 events." })).toBeVisible();
  const session = await screen.findByRole("region", { name: /^Oct 24, 2026/ });
  expect(session).toHaveTextContent("2 events · 5 min");
  await person.click(within(session).getByRole("button", { name: /purchase/ }));
  expect(within(session).getByRole("group", { name: "Details of purchase" })).toHaveTextContent("level3");
  const cohort = new URL(screen.getByRole("link", { name: "Buyers" }).getAttribute("href") ?? "", "http://x");
  expect(cohort.searchParams.get("f")).toBe("@cohort:cohort:is:3");
  await person.click(screen.getByRole("link", { name: "Sessions" }));
  expect(await screen.findByText("/ → /pricing")).toBeVisible();
  expect(asked.at(-1)?.get("person_id")).toBe("1");
});

test("500 properties of any length can be searched and are shown in part", async () => {
  const properties = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`property_${index}`, "x".repeat(2_000)]));
  server.use(http.get(`${API}/persons/1`, () => HttpResponse.json(personOf(1, { properties }))));
  const person = openDashboard("/p/7/people/1/properties");
  expect(await screen.findByRole("button", { name: "Show all 500 properties" })).toBeVisible();
  expect(screen.getAllByRole("term").filter(({ textContent }) => textContent.startsWith("property_"))).toHaveLength(50);
  await person.type(screen.getByRole("searchbox", { name: "Search properties" }), "property_499");
  const [shown] = await screen.findAllByRole("button", { name: "Show all" });
  expect(screen.getAllByText(/^property_/)).toHaveLength(1);
  if (shown) await person.click(shown);
  expect(screen.getByText("x".repeat(2_000))).toBeVisible();
});

test("a user that is gone is said to be", async () => {
  server.use(http.get(`${API}/persons/1`, () => HttpResponse.json({ code: "not_found", message: "Gone." }, { status: 404 })));
  openDashboard("/p/7/people/1");
  expect(await screen.findByText("This user doesn't exist")).toBeVisible();
});

test("deleting a user asks, and shows the job until it is done", async () => {
  const job = { job_id: "0b0e9c30-3f3b-4a5e-9d25-6a1f6ab4f7aa", kind: "delete" };
  const states = ["queued", "finished"];
  server.use(
    http.delete(`${API}/persons/1`, () => HttpResponse.json({ ...job, status: "queued" }, { status: 202 })),
    http.get(`${API}/persons/jobs/${job.job_id}`, () => {
      const status = states.shift() ?? "finished";
      const deleted = { distinct_ids: 1, events: 12, sessions: 3, dead_letters: 0, stream_is_clear: true };
      return HttpResponse.json({ ...job, status, ...(status === "finished" ? { deleted } : {}) });
    }),
  );
  const person = openDashboard("/p/7/people/1");
  await person.click(await screen.findByRole("button", { name: "More actions" }));
  await person.click(await screen.findByRole("menuitem", { name: "Delete this user" }));
  await person.click(await screen.findByRole("button", { name: "Delete user" }));
  expect(await screen.findByText(/The user was deleted\. 12 events deleted\./, {}, { timeout: 4_000 })).toBeVisible();
});

test("cohorts are created by behaviour or by IDs, and lead to their members", async () => {
  const sent: unknown[] = [];
  const cohort = { id: 3, name: "Buyers", description: "", kind: "behaviour", query: { event: "purchase", at_least: 2, period: "30d" }, size: 12, counted_at: null, created_at: "2026-10-01T00:00:00+00:00", updated_at: "2026-10-01T00:00:00+00:00" };
  server.use(
    http.get(`${API}/cohorts/`, () => HttpResponse.json({ items: [cohort], next_cursor: null })),
    http.post(`${API}/cohorts/`, async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(cohort, { status: 201 });
    }),
  );
  const person = openDashboard("/p/7/people/cohorts");
  expect(await screen.findByText(/12 users · not counted yet · purchase, 2 times or more in the last 30 days/)).toBeVisible();
  await person.click(screen.getByRole("button", { name: "New cohort" }));
  await person.type(await screen.findByRole("textbox", { name: "Name" }), "VIPs");
  await person.click(screen.getByRole("radio", { name: "A list of IDs" }));
  await person.type(await screen.findByLabelText("User IDs, one per line"), "ada{Enter}bob{Enter}ada");
  await person.click(screen.getByRole("button", { name: "Create cohort" }));
  await waitFor(() => {
    expect(sent).toMatchObject([{ name: "VIPs", distinct_ids: ["ada", "bob"], query: null, figure: null }]);
  });
});

test("a renamed cohort keeps its dates, and a new event does too", async () => {
  const sent: unknown[] = [];
  const query = { event: "purchase", at_least: 2, period: null, from: "2026-01-01", to: "2026-02-01", filters: null };
  const cohort = { id: 3, name: "Buyers", description: "", kind: "behaviour", query, size: 12, counted_at: null, created_at: "2026-10-01T00:00:00+00:00", updated_at: "2026-10-01T00:00:00+00:00" };
  server.use(
    http.get(`${API}/cohorts/`, () => HttpResponse.json({ items: [cohort], next_cursor: null })),
    http.patch(`${API}/cohorts/3`, async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(cohort);
    }),
  );
  const person = openDashboard("/p/7/people/cohorts");
  for (const [field, role] of [["Name", "textbox"], ["Event", "combobox"]] as const) {
    await person.click(await screen.findByRole("button", { name: /^Edit.*Buyers/ }));
    await person.type(await screen.findByRole(role, { name: field }), "!");
    await person.click(screen.getByRole("button", { name: "Save changes" }));
    await waitFor(() => {
      expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    });
  }
  expect(sent[0]).toEqual({ name: "Buyers!", description: "" });
  expect(sent[1]).toMatchObject({ query: { event: "purchase!", at_least: 2, from: "2026-01-01", to: "2026-02-01" } });
});

test("more IDs than a cohort takes are not cut off but refused at the field", async () => {
  server.use(http.get(`${API}/cohorts/`, () => HttpResponse.json({ items: [], next_cursor: null })));
  const person = openDashboard("/p/7/people/cohorts");
  await person.click(await screen.findByRole("button", { name: "New cohort" }));
  await person.type(await screen.findByRole("textbox", { name: "Name" }), "All");
  await person.click(screen.getByRole("radio", { name: "A list of IDs" }));
  const ids = await screen.findByLabelText("User IDs, one per line");
  fireEvent.change(ids, { target: { value: Array.from({ length: 10_001 }, (_, index) => `u${String(index)}`).join("\n") } });
  expect(ids).toHaveAccessibleDescription(/10,001 IDs/);
  expect(screen.getByRole("button", { name: "Create cohort" })).toBeDisabled();
});

test("sessions open to show their events", async () => {
  server.use(http.get("*/api/events/", () => HttpResponse.json({ items: [recentEvent("page_view", { session_id: "s2" })], next_cursor: null })));
  const person = openDashboard("/p/7/people/sessions?period=7d");
  expect(await screen.findByRole("heading", { name: "1 session · 1 user" })).toBeVisible();
  await person.click(screen.getByRole("button", { name: /^Events of the session of/ }));
  expect(await screen.findByRole("button", { name: /page_view/ })).toBeVisible();
  expect(asked.at(-1)?.get("period")).toBe("7d");
});
