import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import type { ClosedDay, ProjectSealing } from "../../../src/api/requests/client";
import { openDashboard } from "../../support/render";
import { refusal, server } from "../../support/server";

const harbour: ProjectSealing = {
  project_id: 7,
  project: "Harbour",
  timezone: "UTC",
  sealed_days: 1_204,
  last_sealed_day: "2026-10-23",
  waiting_days: 2,
  waiting_since: "2026-10-25T00:00:00+00:00",
  failing_days: 1,
};
const sealed: ProjectSealing = { ...harbour, project_id: 8, project: "Jetty", waiting_days: 0, waiting_since: null, failing_days: 0 };

function projectsAre(items: ProjectSealing[], next: string | null = null) {
  const asked: URLSearchParams[] = [];
  const waiting = items.filter(({ waiting_days: days }) => days > 0);
  server.use(
    http.get("*/api/v1/system/sealing/", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({
        measured_at: "2026-10-25T02:00:00+00:00",
        items,
        total: 10_000,
        waiting_projects: waiting.length,
        waiting_days: waiting.reduce((sum, { waiting_days: days }) => sum + days, 0),
        failing_projects: items.filter(({ failing_days: days }) => days > 0).length,
        waiting_since: waiting[0]?.waiting_since ?? null,
        next_cursor: next,
      });
    }),
  );
  return asked;
}

const day: ClosedDay = {
  day: "2026-10-24",
  state: "failing",
  reason: "late_events",
  since: "2026-10-25T00:00:00+00:00",
  next_try_at: "2026-10-25T03:00:00+00:00",
  sealed_at: "2026-10-25T00:10:00+00:00",
  events: 1_234,
  attempts: 3,
  error: "IndexSize: too long",
};

function daysAre(items: ClosedDay[]) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get("*/api/v1/system/sealing/7", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({
        project_id: 7, project: "Harbour", timezone: "UTC", items, total: items.length,
        first_day: "2026-10-01", last_day: "2026-10-24", error: null, next_cursor: null,
      });
    }),
  );
  return asked;
}

test("how far behind sealing is, and of which projects", async () => {
  projectsAre([harbour, sealed], "next");
  openDashboard("/admin/aggregates");
  expect(await screen.findByText("2 days to be sealed in 1 project")).toBeVisible();
  expect(screen.getByText("Sealing fails in 1 project. Causes are listed with their days.")).toBeVisible();
  expect(screen.getByText(/The oldest has waited for 2 h\./)).toBeVisible();
  expect(screen.getByRole("row", { name: /Harbour 1,204 Oct 23, 2026 2 2 h ago 1/ })).toBeVisible();
  expect(screen.getByText("2 of 10,000")).toBeVisible();
  expect(screen.getByRole("button", { name: "Show more projects" })).toBeVisible();
});

test("the filter stands in the address, and what it leaves is told apart", async () => {
  const asked = projectsAre([]);
  const person = openDashboard("/admin/aggregates?state=waiting");
  expect(await screen.findByText("No project has a day to be sealed.")).toBeVisible();
  expect(asked.at(-1)?.get("state")).toBe("waiting");
  await person.type(screen.getByRole("searchbox", { name: "Search projects" }), "pier");
  expect(await screen.findByText("No project matches.")).toBeVisible();
  expect(asked.at(-1)?.get("search")).toBe("pier");
});

test("a project's days say why they wait, and are sealed again", async () => {
  projectsAre([harbour]);
  const asked = daysAre([day]);
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/v1/system/sealing/7", async ({ request }) => {
      sent.push(await request.json());
      return sent.length === 1
        ? HttpResponse.json({ code: "invalid_fields", message: "Wrong.", errors: { from: ["Use a day with events."] } }, { status: 422 })
        : HttpResponse.json({ job_id: "rebuild-7" }, { status: 202 });
    }),
  );
  const person = openDashboard("/admin/aggregates");
  await person.click(await screen.findByRole("button", { name: "Show the days of Harbour" }));
  const drawer = within(await screen.findByRole("dialog", { name: "Harbour" }));
  const row = await drawer.findByRole("row", { name: /Oct 24, 2026/ });
  expect(row).toHaveTextContent(/fails.*late events · since .* · failed 3 times · next try .*IndexSize: too long.*1,234/);
  // Where some wait, only these are listed at first.
  expect(asked.at(-1)?.get("only_waiting")).toBe("true");
  await person.click(drawer.getByRole("button", { name: "Seal again" }));
  expect(await drawer.findByText("Use a day with events.")).toBeVisible();
  await person.click(drawer.getByRole("button", { name: "Seal again" }));
  expect(await drawer.findByRole("link", { name: "See it in Jobs" })).toHaveAttribute("href", "/admin/jobs?status=queued");
  expect(sent.at(-1)).toEqual({ from: "2026-10-24", to: "2026-10-24" });
  await person.click(drawer.getByRole("switch", { name: "Only days that wait" }));
  await waitFor(() => {
    expect(asked.at(-1)?.get("only_waiting")).toBe("false");
  });
});

test("a list that fails can be tried again", async () => {
  server.use(http.get("*/api/v1/system/sealing/", () => refusal(503, "The database is busy.")));
  const person = openDashboard("/admin/aggregates");
  expect(await screen.findByText(/^The database is busy\./, undefined, { timeout: 15_000 })).toBeVisible();
  projectsAre([sealed]);
  await person.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("All closed days are sealed")).toBeVisible();
});
