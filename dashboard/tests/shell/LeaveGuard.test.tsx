import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import { openDashboard } from "../support/render";
import { refusal, server, user, webHandlers } from "../support/server";

beforeEach(() => {
  server.use(...webHandlers);
});

async function draftGoal() {
  const person = openDashboard("/p/7/goals");
  await person.click(await screen.findByRole("button", { name: "New goal" }));
  await person.type(await screen.findByLabelText("Name"), "Docs read");
  return person;
}

const address = () => screen.getByTestId("address").textContent;

// The browser's Back is tried in tests/e2e/test_dashboard_changes.py: a router in memory has none.
test("a page with a draft is left by a link only after a question", async () => {
  const person = await draftGoal();
  const leave = () => fireEvent.click(screen.getByRole("link", { name: "Web", hidden: true }));
  leave();
  const question = await screen.findByRole("dialog", { name: "Leave without saving?" });
  await waitFor(() => {
    expect(within(question).getByRole("button", { name: "Stay" })).toHaveFocus();
  });
  await person.keyboard("{Enter}");
  await waitFor(() => {
    expect(screen.queryByRole("dialog", { name: "Leave without saving?" })).toBeNull();
  });
  expect(address()).toContain("/p/7/goals");
  expect(screen.getByLabelText("Name")).toHaveValue("Docs read");
  leave();
  await person.click(await screen.findByRole("button", { name: "Leave without saving" }));
  await waitFor(() => {
    expect(address()).toContain("/p/7/web");
  });
});

test("closing the tab asks while there is a draft, and not after it is gone", async () => {
  const person = await draftGoal();
  const closing = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(closing()).toBe(true);
  await person.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => {
    expect(closing()).toBe(false);
  });
});

test("a form that saves and then opens another page does not ask", async () => {
  server.use(
    http.get("*/api/v1/analytics/7/dashboards/", () => HttpResponse.json({ items: [], next_cursor: null })),
    http.post("*/api/v1/analytics/7/dashboards/", () => HttpResponse.json({ id: 4 }, { status: 201 })),
    http.get("*/api/v1/analytics/7/dashboards/4", () => new HttpResponse(null, { status: 404 })),
  );
  const person = openDashboard("/p/7/dashboards");
  await person.click(await screen.findByRole("button", { name: "New dashboard" }));
  const dialog = within(await screen.findByRole("dialog"));
  await person.type(dialog.getByRole("textbox", { name: /^Name/ }), "Growth{Enter}");
  await waitFor(() => {
    expect(address()).toContain("/p/7/dashboards/4");
  });
});

test("a saved insight with changes asks before another page, not before the next change", async () => {
  const query = { period: "90d", event: { event: "visit" } };
  const insight = { id: 3, name: "Who visits", description: "", kind: "lifecycle", query, view: {}, is_favourite: false, created_by: 1, updated_at: "2026-10-20T12:00:00Z" };
  server.use(
    http.get("*/api/v1/analytics/7/definitions/*", () => HttpResponse.json({ items: [] })),
    http.get("*/api/v1/analytics/7/saved-insights/", () => HttpResponse.json({ items: [insight], next_cursor: null })),
    http.post("*/api/v1/analytics/7/insights/:kind", () => new HttpResponse(null, { status: 500 })),
  );
  const person = openDashboard(`/p/7/explore/lifecycle?period=90d&saved=3&q=${encodeURIComponent('{"event":{"event":"visit"}}')}`);
  expect(await screen.findByRole("heading", { level: 1, name: "Who visits" })).toBeVisible();
  await person.keyboard("w");
  expect(await screen.findByText("Edited")).toBeVisible();
  expect(screen.queryByRole("dialog")).toBeNull();
  await person.click(screen.getByRole("link", { name: "Goals" }));
  await person.click(await screen.findByRole("button", { name: "Stay" }));
  expect(address()).toContain("period=7d");
});

test("a draft is there after signing in again, and can be saved", async () => {
  let isSignedIn = false;
  const sent: unknown[] = [];
  server.use(
    http.get("*/api/v1/auth/me", () => (isSignedIn || sent.length === 0 ? HttpResponse.json(user) : refusal(401, "This session has ended."))),
    http.post("*/api/v1/auth/login", () => {
      isSignedIn = true;
      return HttpResponse.json({ user: user });
    }),
    http.post("*/api/v1/analytics/7/goals/", async ({ request }) => {
      sent.push(await request.json());
      return isSignedIn ? HttpResponse.json({ id: 9 }, { status: 201 }) : refusal(401, "This session has ended.");
    }),
  );
  const person = await draftGoal();
  await person.type(screen.getByRole("combobox", { name: "Event" }), "read");
  await person.click(screen.getByRole("button", { name: "Create goal" }));
  const again = within(await screen.findByRole("dialog", { name: "Your session has ended" }));
  await person.type(again.getByLabelText("Password"), "long enough words{Enter}");
  await waitFor(() => {
    expect(screen.queryByRole("dialog", { name: "Your session has ended" })).toBeNull();
  });
  expect(screen.getByLabelText("Name")).toHaveValue("Docs read");
  await person.click(screen.getByRole("button", { name: "Create goal" }));
  await waitFor(() => {
    expect(screen.queryByRole("dialog")).toBeNull();
  });
  expect(sent.at(-1)).toMatchObject({ name: "Docs read", event: "read" });
});
