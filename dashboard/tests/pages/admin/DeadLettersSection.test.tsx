import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import type { DeadLetter } from "../../../src/api/requests/client";
import { openDashboard } from "../../support/render";
import { refusal, server } from "../../support/server";

const letter: DeadLetter = {
  project_id: 7,
  project: "Shop",
  id: 3,
  event_id: "0192f0c1-2b3a-7c4d-8e5f-000000000001",
  event_name: "order_paid",
  reason: "refused_by_database",
  detail: "unsupported Unicode escape sequence",
  created_at: "2026-10-24T12:00:00+00:00",
};

/** The list, and the addresses it was asked under. */
function listIs(items: DeadLetter[]) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get("*/api/v1/system/dead-letters/", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ items, total: items.length, next_cursor: null });
    }),
  );
  return asked;
}

test("none is said as such, and a filter that leaves none is told apart", async () => {
  const asked = listIs([]);
  openDashboard("/admin/dead-letters");
  expect(await screen.findByText("There are no dead letters.")).toBeVisible();
  expect(asked[0]?.has("project_id")).toBe(false);
});

test("filters stand in the address and go to the server", async () => {
  const asked = listIs([]);
  openDashboard("/admin/dead-letters?project=7&reason=undecodable&days=7");
  expect(await screen.findByText("No dead letter matches.")).toBeVisible();
  expect(asked.at(-1)?.get("project_id")).toBe("7");
  expect(asked.at(-1)?.get("reason")).toBe("undecodable");
  const days = (Date.now() - new Date(asked.at(-1)?.get("from") ?? "").getTime()) / 86_400_000;
  expect(Math.round(days)).toBe(7);
});

test("chosen ones are replayed, by project", async () => {
  listIs([letter, { ...letter, id: 2, event_name: "other" }, { ...letter, project_id: 9, project: null, id: 1, event_name: null }]);
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/v1/system/dead-letters/replay", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ events: 1 });
    }),
  );
  const person = openDashboard("/admin/dead-letters");
  await person.click(await screen.findByRole("checkbox", { name: "Select order_paid" }));
  await person.click(screen.getByRole("checkbox", { name: "Select no name" }));
  expect(screen.getByText("deleted project 9")).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Replay 2" }));
  expect(await screen.findByText(/^2 events are on the way/)).toBeVisible();
  expect(sent).toEqual([
    { project_id: 7, ids: [3] },
    { project_id: 9, ids: [1] },
  ]);
});

test("discarding asks first, and a failure is told", async () => {
  listIs([letter]);
  server.use(http.post("*/api/v1/system/dead-letters/discard", () => refusal(503, "The database is busy.")));
  const person = openDashboard("/admin/dead-letters");
  await person.click(await screen.findByRole("checkbox", { name: "Select all shown" }));
  await person.click(screen.getByRole("button", { name: "Discard 1" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText(/cannot be replayed/)).toBeVisible();
  await person.click(dialog.getByRole("button", { name: "Discard for good" }));
  expect(await dialog.findByText(/The database is busy/)).toBeVisible();
  server.use(http.post("*/api/v1/system/dead-letters/discard", () => HttpResponse.json({ events: 0 })));
  await person.click(dialog.getByRole("button", { name: "Discard for good" }));
  await waitFor(() => {
    expect(screen.getByText(/Some were replayed or discarded by somebody else/)).toBeVisible();
  });
});

test("one is shown with what was received", async () => {
  listIs([letter]);
  server.use(
    http.get("*/api/v1/system/dead-letters/7/3", () =>
      HttpResponse.json({
        dead_letter: letter,
        received_at: "2026-10-24T11:59:59+00:00",
        protocol: "native",
        event: { event_name: "order_paid", properties: { total: 12 } },
        envelope: "/wA=",
      }),
    ),
  );
  const person = openDashboard("/admin/dead-letters");
  await person.click(await screen.findByRole("button", { name: "Show order_paid" }));
  const drawer = within(await screen.findByRole("dialog"));
  expect(await drawer.findByText(/"total": 12/)).toBeVisible();
  expect(drawer.getByText("Refused by the database")).toBeVisible();
});
