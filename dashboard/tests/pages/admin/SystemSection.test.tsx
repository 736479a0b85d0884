import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import type { SystemState } from "../../../src/api/requests/client";
import { openDashboard } from "../../support/render";
import { refusal, server, user } from "../../support/server";

const good: SystemState = {
  measured_at: "2026-10-24T12:00:00+00:00",
  unreachable: [],
  problems: [],
  stream: {
    waiting_entries: 0,
    pending_entries: 2,
    oldest_seconds: 0.2,
    consumers: [{ name: "host-1", pending_entries: 2, idle_seconds: 5, is_working: true }],
  },
  queues: [{ queue: "system", workers: 1, queued: 3, running: 1, failed: 0 }],
  schedule_seen_at: "2026-10-24T11:59:30+00:00",
  failed_attempts: [],
  disks: { disks: [{ folder: "/data", free_mb: 20_480 }], min_free_mb: 512, is_low: false },
  memory: [{ server: "stream", used_bytes: 104_857_600, maximum_bytes: null, is_full: false }],
  refusals: [{ project_id: 7, project: "Shop", outcome: "invalid_name", events: 1_200 }],
  dead_letters: 0,
};

function systemIs(changes: Partial<SystemState> = {}) {
  server.use(http.get("*/api/v1/system/", () => HttpResponse.json({ ...good, ...changes })));
}

test("a server that works says so, with its figures", async () => {
  systemIs();
  openDashboard("/admin/system");
  expect(await screen.findByRole("status", { name: "Everything works" })).toBeVisible();
  expect(screen.getByRole("row", { name: "host-1 working 2 5 s ago" })).toBeVisible();
  expect(screen.getByRole("row", { name: "system 1 3 1 0" })).toBeVisible();
  expect(screen.getByRole("row", { name: "/data 20 GB" })).toBeVisible();
  expect(screen.getByRole("row", { name: "waiting events 100 MB none" })).toBeVisible();
  expect(screen.getByRole("row", { name: "Shop Event name not usable 1,200" })).toBeVisible();
});

test("what needs attention is named, with what to do", async () => {
  systemIs({
    stream: { waiting_entries: 900, pending_entries: 0, oldest_seconds: 125, consumers: [] },
    queues: [{ queue: "exports", workers: 0, queued: 0, running: 0, failed: 2 }],
    schedule_seen_at: null,
    failed_attempts: [{ project_id: 9, project: null, work: "seal", day: "2026-10-01", attempts: 4, error: "No memory." }],
    disks: { disks: [{ folder: "/data", free_mb: 300 }], min_free_mb: 512, is_low: true },
    dead_letters: 5,
    problems: [
      { code: "no_processor", name: null, value: null },
      { code: "storing_behind", name: null, value: 125 },
      { code: "no_worker", name: "exports", value: null },
      { code: "dead_letters", name: null, value: 5 },
    ],
  });
  openDashboard("/admin/system");
  const status = within(await screen.findByRole("status", { name: "4 things need attention" }));
  expect(status.getByText(/No processor is storing events/)).toBeVisible();
  expect(status.getByText(/Storing is 2 min 5 s behind/)).toBeVisible();
  expect(status.getByText(/No worker runs the jobs of the queue “exports”/)).toBeVisible();
  expect(screen.getByRole("row", { name: "deleted project 9 seal a day 2026-10-01 4 No memory." })).toBeVisible();
});

test("parts that do not answer are named, and the others are shown", async () => {
  systemIs({
    unreachable: ["stream", "state"],
    problems: [
      { code: "server_unreachable", name: "stream", value: null },
      { code: "server_unreachable", name: "state", value: null },
    ],
    stream: null,
    disks: null,
    queues: null,
    schedule_seen_at: null,
  });
  openDashboard("/admin/system");
  expect(await screen.findByText("The stream does not answer.")).toBeVisible();
  expect(screen.getByText("No processor has measured lately.")).toBeVisible();
  expect(screen.getByText(/The stream \(Redis\) does not answer/)).toBeVisible();
  expect(screen.getAllByText("Redis for logins and jobs does not answer.")).toHaveLength(2);
  expect(screen.queryByText(/The schedule has not run yet/)).toBeNull();
});

test("a failure is said with a way to try again", async () => {
  server.use(http.get("*/api/v1/system/", () => refusal(503, "The database is busy.")));
  const person = openDashboard("/admin/system");
  expect(await screen.findByText("The state of the server could not be read", {}, { timeout: 15_000 })).toBeVisible();
  systemIs();
  await person.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Everything works")).toBeVisible();
});

test("only owners of the server see it", async () => {
  server.use(http.get("*/api/v1/auth/me", () => HttpResponse.json({ ...user, is_superuser: false })));
  openDashboard("/admin/system");
  expect(await screen.findByText(/Only owners of this server can see this page/)).toBeVisible();
});
