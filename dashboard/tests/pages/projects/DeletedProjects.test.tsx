import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { deletedProject, deletion, project, projectList, refusal, server } from "../../support/server";

test("a deleted project says until when it can be restored, and comes back", async () => {
  let isBack = false;
  server.use(
    http.post("*/api/v1/projects/9/restore", () => {
      isBack = true;
      const restored = { ...deletedProject, deleted_at: null };
      server.use(projectList([project, restored]), http.get("*/api/v1/analytics/9/timeseries", () => refusal(503, "Away.")));
      return HttpResponse.json(restored);
    }),
    projectList([project], [deletedProject]),
  );
  const person = openDashboard("/projects");
  const row = within(await screen.findByRole("listitem"));
  expect(await row.findByText(/can be restored until/)).toBeVisible();
  await person.click(row.getByRole("button", { name: "Restore Old pier" }));
  expect(await screen.findByRole("link", { name: "Old pier" })).toBeVisible();
  expect(screen.queryByRole("list", { name: "Deleted projects" })).not.toBeInTheDocument();
  expect(isBack).toBe(true);
});

test("a project whose data is being deleted shows the progress, and cannot be restored", async () => {
  server.use(
    projectList([project], [deletedProject]),
    http.get("*/api/v1/projects/9/deletion", () =>
      HttpResponse.json({ ...deletion, started_at: "2026-11-08T10:00:00+00:00", done: 3, total: 12, rows: 40_000 }),
    ),
  );
  openDashboard("/projects");
  expect(await screen.findByText(/step 3 of 12, 40,000 rows so far/)).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Restore/ })).not.toBeInTheDocument();
});

test("a member of a deleted project is told who can restore it", async () => {
  server.use(projectList([project], [{ ...deletedProject, role: "member" }]));
  openDashboard("/projects");
  expect(await screen.findByText(/an owner of the project can restore it within 7 days/)).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Restore/ })).not.toBeInTheDocument();
});
