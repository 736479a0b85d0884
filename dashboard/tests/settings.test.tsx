import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "./render";
import { deletedProject, deletion, fieldRefusal, project, projectList, refusal, server, settings } from "./server";

test("of the limits only what was changed is sent, and saving is told", async () => {
  let asked: unknown;
  server.use(
    http.patch("*/api/v1/projects/7/settings", async ({ request }) => {
      asked = await request.json();
      return HttpResponse.json({ ...settings, daily_quota: 50_000 });
    }),
    http.get("*/api/v1/projects/7/settings", () =>
      HttpResponse.json(asked === undefined ? settings : { ...settings, daily_quota: 50_000 }),
    ),
  );
  const person = openDashboard("/projects/7/settings/limits");
  const form = within(await screen.findByRole("region", { name: "Rate limits and quotas" }));
  await person.type(form.getByLabelText("Events a day (UTC)"), "50000");
  await person.click(form.getByRole("button", { name: "Save" }));
  expect(await form.findByText("Saved")).toBeVisible();
  expect(asked).toEqual({ daily_quota: 50_000 });
  expect(form.getByLabelText("Events a day (UTC)")).toHaveValue("50,000");
});

test("limits that are not usable are told at their fields, and what was typed stays", async () => {
  server.use(
    http.patch("*/api/v1/projects/7/settings", () =>
      fieldRefusal({
        rate_limit_per_minute: ["Must be greater than or equal to 1."],
        monthly_quota: ["Must not be less than the daily quota."],
      }),
    ),
  );
  const person = openDashboard("/projects/7/settings/limits");
  const form = within(await screen.findByRole("region", { name: "Rate limits and quotas" }));
  const rate = form.getByLabelText("Events a minute");
  await person.clear(rate);
  await person.type(rate, "0");
  await person.type(form.getByLabelText("Events a month (UTC)"), "5");
  await person.click(form.getByRole("button", { name: "Save" }));
  expect(await form.findByRole("alert")).toHaveTextContent("Look at what is marked.");
  expect(rate).toHaveAccessibleDescription(/Must be greater than or equal to 1/);
  expect(form.getByLabelText("Events a month (UTC)")).toHaveAccessibleDescription(/Must not be less than the daily quota/);
  expect(rate).toHaveFocus();
  expect(rate).toHaveValue("0");
  await person.click(form.getByRole("button", { name: "Undo" }));
  expect(rate).toHaveValue("60,000");
});

test("a share is entered in percent", async () => {
  let asked: unknown;
  server.use(
    http.patch("*/api/v1/projects/7/settings", async ({ request }) => {
      asked = await request.json();
      return HttpResponse.json({ ...settings, sample_rate: 0.07 });
    }),
  );
  const person = openDashboard("/projects/7/settings/limits");
  const form = within(await screen.findByRole("region", { name: "Sampling" }));
  const share = form.getByLabelText("Share of persons kept");
  expect(share).toHaveValue("100 %");
  await person.clear(share);
  await person.type(share, "7");
  await person.click(form.getByRole("button", { name: "Save" }));
  await waitFor(() => {
    expect(asked).toEqual({ sample_rate: 0.07 });
  });
});

test.each([
  ["limits", "Rate limits and quotas"],
  ["privacy", "Privacy"],
  ["origins", "Allowed web origins"],
  ["retention", "Retention"],
])("a viewer reads the %s, cannot change them, and is told who may", async (part, title) => {
  server.use(http.get("*/api/v1/projects/7", () => HttpResponse.json({ ...project, role: "viewer" })));
  openDashboard(`/projects/7/settings/${part}`);
  const form = within(await screen.findByRole("region", { name: title }));
  expect(form.getByRole("group", { name: title })).toBeDisabled();
  expect(form.getByText("This takes an owner or admin of the project; you are a viewer.")).toBeVisible();
  expect(form.queryByRole("button", { name: "Save" })).not.toBeInTheDocument();
});

test("an origin that is not usable is told by its place in the list", async () => {
  server.use(
    http.patch("*/api/v1/projects/7/settings", () => fieldRefusal({ "allowed_origins.1": ["Not an origin."] })),
  );
  const person = openDashboard("/projects/7/settings/origins");
  const field = await screen.findByRole("combobox", { name: "Allowed origins" });
  await person.type(field, "https://example.org{Enter}example{Enter}");
  await person.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Entry 2: Not an origin.")).toBeVisible();
});

test("a shorter retention says beforehand that it deletes", async () => {
  const person = openDashboard("/projects/7/settings/retention");
  await person.type(await screen.findByLabelText("Raw events are kept for"), "90");
  expect(await screen.findByRole("alert")).toHaveTextContent("Nothing brings them back.");
});

test("a project is deleted only by typing its name", async () => {
  let isDeleted = false;
  server.use(
    http.delete("*/api/v1/projects/7", () => {
      isDeleted = true;
      return HttpResponse.json({ ...deletion, project_id: 7, name: "Harbour" }, { status: 202 });
    }),
  );
  const person = openDashboard("/projects/7/settings/danger");
  await person.click(await screen.findByRole("button", { name: "Delete Harbour" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Delete Harbour?" }));
  expect(dialog.getByRole("button", { name: "Delete it" })).toBeDisabled();
  await person.type(dialog.getByRole("textbox"), "harbour{Enter}");
  expect(isDeleted).toBe(false);
  await person.clear(dialog.getByRole("textbox"));
  await person.type(dialog.getByRole("textbox"), "Harbour");
  await person.click(dialog.getByRole("button", { name: "Delete it" }));
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent(/^\/projects$/);
  });
  expect(isDeleted).toBe(true);
});

test("an admin cannot delete a project, and is told who can", async () => {
  server.use(http.get("*/api/v1/projects/7", () => HttpResponse.json({ ...project, role: "admin" })));
  openDashboard("/projects/7/settings/danger");
  expect(await screen.findByText("This takes an owner of the project; you are an admin.")).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Delete/ })).not.toBeInTheDocument();
});

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

test("a project whose data is being deleted shows how far that is, and no way back", async () => {
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

test("who does not own a deleted project is told who can restore it", async () => {
  server.use(projectList([project], [{ ...deletedProject, role: "member" }]));
  openDashboard("/projects");
  expect(await screen.findByText(/an owner of it can restore it within 7 days/)).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Restore/ })).not.toBeInTheDocument();
});
