import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { SystemJob } from "../../../src/api/requests/client";
import { openDashboard } from "../../support/render";
import { refusal, server, user } from "../../support/server";

const job: SystemJob = {
  id: "seal_days",
  job: "seal_days",
  queue: "system",
  status: "failed",
  project_id: null,
  project: null,
  days: null,
  since: "2026-10-24T12:00:00+00:00",
  progress: null,
  error: "OperationalError: the server closed the connection",
};
const rebuild: SystemJob = { ...job, id: "rebuild-9", job: "rebuild", project_id: 9, days: "2026-03-10 2026-03-12", error: "NotFound: gone" };

function listIs(items: SystemJob[]) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get("*/api/v1/system/jobs/", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ items, total: items.length, next_cursor: null });
    }),
  );
  return asked;
}

beforeEach(() => {
  const queues = [{ queue: "system", workers: 1, queued: 4, running: 1, failed: 2 }];
  server.use(
    http.get("*/api/v1/system/", () => HttpResponse.json({ queues })),
    http.get("*/api/v1/system/jobs/schedule", () =>
      HttpResponse.json({
        items: [
          { job: "seal_days", cron: "*/5 * * * *", next_at: "2999-01-01T00:00:00+00:00", status: "failed", ended_at: new Date(Date.now() - 60_000).toISOString() },
          { job: "prune_ledger", cron: "20 3 * * *", next_at: "2999-01-01T00:00:00+00:00", status: null, ended_at: null },
        ],
      }),
    ),
  );
});

test("failed jobs are listed with their cause, and states with how many there are", async () => {
  listIs([job, rebuild]);
  openDashboard("/admin/jobs");
  const row = await screen.findByRole("row", { name: /deleted project 9/ });
  expect(row).toHaveTextContent("Seal days again: 2026-03-10 2026-03-12");
  expect(row).toHaveTextContent("NotFound: gone");
  expect(await screen.findByRole("radio", { name: "Failed (2)" })).toBeChecked();
  expect(screen.getByRole("radio", { name: "Waiting (4)" })).toBeVisible();
  expect(await screen.findByRole("row", { name: /Seal days \*\/5 \* \* \* \* in .* failed 1 min ago/ })).toBeVisible();
  expect(screen.getByRole("row", { name: /Forget old event IDs .* not in the last day/ })).toBeVisible();
});

test("the state and the queue stand in the address", async () => {
  const asked = listIs([{ ...job, status: "running", error: null, progress: { done: 3, total: 12, what: "2026-03-12" } }]);
  const person = openDashboard("/admin/jobs?status=running&queue=system");
  expect(await screen.findByRole("row", { name: /Seal days all projects system .* 3 of 12 \(2026-03-12\)/ })).toBeVisible();
  expect(asked.at(-1)?.get("status")).toBe("running");
  expect(asked.at(-1)?.get("queue")).toBe("system");
  // What runs can be neither retried nor removed.
  expect(screen.queryByRole("button", { name: "Remove" })).toBeNull();
  await person.click(screen.getByText("Waiting (4)"));
  expect(screen.getByTestId("address")).toHaveTextContent("/admin/jobs?status=queued&queue=system");
});

test("chosen jobs are retried, and all at once", async () => {
  listIs([job, rebuild]);
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/v1/system/jobs/retry", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ jobs: sent.length });
    }),
  );
  const person = openDashboard("/admin/jobs");
  await person.click(await screen.findByRole("checkbox", { name: "Select Seal days" }));
  await person.click(screen.getByRole("button", { name: "Retry 1" }));
  expect(await screen.findByText("1 job is queued again.")).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Retry all failed" }));
  expect(await screen.findByText("2 jobs are queued again.")).toBeVisible();
  expect(sent).toEqual([{ ids: ["seal_days"] }, { ids: null }]);
});

test("removing asks first, and a failure is told", async () => {
  listIs([job, rebuild]);
  server.use(http.post("*/api/v1/system/jobs/remove", () => refusal(503, "The job queue does not answer.")));
  const person = openDashboard("/admin/jobs");
  await person.click(await screen.findByRole("checkbox", { name: "Select all shown" }));
  await person.click(screen.getByRole("button", { name: "Remove 2" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Remove 2 jobs?" }));
  await person.click(dialog.getByRole("button", { name: "Remove for good" }));
  expect(await dialog.findByText(/The job queue does not answer/)).toBeVisible();
  server.use(http.post("*/api/v1/system/jobs/remove", () => HttpResponse.json({ jobs: 1 })));
  await person.click(dialog.getByRole("button", { name: "Remove for good" }));
  expect(await screen.findByText("1 job is removed. The others have gone on meanwhile.")).toBeVisible();
});

test("a list that fails can be tried again, and an empty one says so", async () => {
  server.use(http.get("*/api/v1/system/jobs/", () => refusal(503, "The job queue does not answer.")));
  const person = openDashboard("/admin/jobs");
  expect(await screen.findByText(/^The job queue does not answer\./, undefined, { timeout: 15_000 })).toBeVisible();
  listIs([]);
  await person.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No job has failed.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Retry all failed" })).toBeDisabled();
});

test("who owns no server sees no jobs", async () => {
  server.use(http.get("*/api/v1/auth/me", () => HttpResponse.json({ ...user, is_superuser: false })));
  openDashboard("/admin/jobs");
  expect(await screen.findByText(/Only owners of this server can see this page/)).toBeVisible();
  expect(screen.queryByRole("link", { name: "Jobs" })).toBeNull();
});
