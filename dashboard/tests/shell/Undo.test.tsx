import { act, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test, vi } from "vitest";
import { openDashboard } from "../support/render";
import { goal, refusal, server, webHandlers } from "../support/server";

const GOAL = "Show who converts: Sign-up";
let deleted: string[] = [];

beforeEach(() => {
  deleted = [];
  server.use(
    http.get("*/api/v1/analytics/7/goals/", () => HttpResponse.json({ items: deleted.length > 0 ? [] : [goal], next_cursor: null })),
    http.delete("*/api/v1/analytics/7/goals/:id", ({ params }) => {
      deleted.push(String(params["id"]));
      return new HttpResponse(null, { status: 204 });
    }),
    ...webHandlers,
  );
});

async function deleteGoal() {
  const person = openDashboard("/p/7/goals");
  const button = await screen.findByRole("button", { name: "Delete Sign-up" });
  button.focus();
  await person.keyboard("{Enter}");
  expect(await screen.findByText("Goal “Sign-up” deleted")).toBeVisible();
  expect(screen.queryByRole("link", { name: GOAL })).toBeNull();
  return person;
}

test("what was deleted by keyboard is undone by the next key, and nothing was sent", async () => {
  const person = await deleteGoal();
  await waitFor(() => {
    expect(screen.getByRole("button", { name: "Undo" })).toHaveFocus();
  });
  await person.keyboard("{Enter}");
  expect(await screen.findByRole("link", { name: GOAL })).toBeVisible();
  expect(screen.queryByText("Goal “Sign-up” deleted")).toBeNull();
  expect(screen.getByRole("main")).toHaveFocus();
  expect(deleted).toEqual([]);
});

test("Ctrl Z undoes a deletion, but not while somebody types", async () => {
  const person = await deleteGoal();
  await person.click(await screen.findByRole("button", { name: "New goal" }));
  await person.type(await screen.findByLabelText("Name"), "x{Control>}z{/Control}");
  expect(screen.queryByRole("link", { name: GOAL })).toBeNull();
  await person.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => {
    expect(screen.queryByRole("dialog")).toBeNull();
  });
  await person.keyboard("{Control>}z{/Control}");
  expect(await screen.findByRole("link", { name: GOAL })).toBeVisible();
  expect(deleted).toEqual([]);
});

test("a deletion is sent after eight seconds without pointer or keyboard at its notice", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
  try {
    const person = await deleteGoal();
    await waitFor(() => {
      expect(screen.getByRole("button", { name: "Undo" })).toHaveFocus();
    });
    await person.hover(screen.getByRole("button", { name: "Undo" }));
    act(() => { vi.advanceTimersByTime(60_000); });
    expect(deleted).toEqual([]);
    await person.unhover(screen.getByRole("button", { name: "Undo" }));
    act(() => { screen.getByRole("main").focus(); });
    act(() => { vi.advanceTimersByTime(7_000); });
    expect(deleted).toEqual([]);
    act(() => { vi.advanceTimersByTime(1_500); });
    await waitFor(() => {
      expect(deleted).toEqual(["3"]);
    });
    await waitFor(() => {
      expect(screen.queryByText("Goal “Sign-up” deleted")).toBeNull();
    });
    expect(screen.queryByRole("link", { name: GOAL })).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});

test("what was deleted stays away while the list cannot be fetched again", async () => {
  const person = await deleteGoal();
  const asked = vi.fn(() => refusal(503, "The database is busy."));
  server.use(http.get("*/api/v1/analytics/7/goals/", asked));
  await person.click(screen.getByRole("button", { name: /it can no longer be undone/ }));
  await waitFor(() => {
    expect(deleted).toEqual(["3"]);
    expect(asked).toHaveBeenCalledTimes(3);
  }, { timeout: 10_000 });
  // The failure has arrived, and nothing marks the goal as pending.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(screen.queryByRole("link", { name: GOAL })).toBeNull();
}, 15_000);

test("what was deleted stays away on the way back to a list that takes long", async () => {
  const person = await deleteGoal();
  await person.click(screen.getByRole("link", { name: "Web" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Web" })).toBeVisible();
  const asked = vi.fn(() => new Promise<never>(() => undefined));
  server.use(http.get("*/api/v1/analytics/7/goals/", asked));
  await person.click(screen.getByRole("button", { name: /it can no longer be undone/ }));
  await waitFor(() => {
    expect(deleted).toEqual(["3"]);
    expect(screen.queryByText("Goal “Sign-up” deleted")).toBeNull();
  });
  await person.click(screen.getByRole("link", { name: "Goals" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Goals" })).toBeVisible();
  await waitFor(() => {
    expect(asked).toHaveBeenCalled();
  });
  expect(screen.queryByRole("link", { name: GOAL })).toBeNull();
});

test("a deletion is sent when the page is closed, and before signing out", async () => {
  await deleteGoal();
  window.dispatchEvent(new Event("pagehide"));
  await waitFor(() => {
    expect(deleted).toEqual(["3"]);
  });
});

test("signing out sends a deletion while the session is still there", async () => {
  const order: string[] = [];
  server.use(
    http.delete("*/api/v1/analytics/7/goals/3", () => {
      order.push("deleted");
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("*/api/v1/auth/logout", () => {
      order.push("signed out");
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const person = await deleteGoal();
  await person.click(screen.getByRole("button", { name: /^Account/ }));
  await person.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  await waitFor(() => {
    expect(order).toEqual(["deleted", "signed out"]);
  });
});

test("what could not be deleted is shown again, with the reason and a way to try again", async () => {
  server.use(http.delete("*/api/v1/analytics/7/goals/3", () => refusal(503, "The database is busy."), { once: true }));
  const person = await deleteGoal();
  await person.click(screen.getByRole("button", { name: /it can no longer be undone/ }));
  expect(await screen.findByText("The database is busy.")).toBeVisible();
  expect(screen.getByRole("link", { name: GOAL })).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => {
    expect(deleted).toEqual(["3"]);
  });
});
