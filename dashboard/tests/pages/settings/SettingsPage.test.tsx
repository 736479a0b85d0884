import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { deletion, fieldRefusal, project, projectList, server, settings } from "../../support/server";

test("only changed limits are sent, and saving is confirmed", async () => {
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
  const person = openDashboard("/p/7/settings/limits");
  const form = within(await screen.findByRole("region", { name: "Rate limits and quotas" }));
  await person.type(form.getByLabelText("Events per day (UTC)"), "50000");
  await person.click(form.getByRole("button", { name: "Save" }));
  expect(await form.findByText("Saved")).toBeVisible();
  expect(asked).toEqual({ daily_quota: 50_000 });
  expect(form.getByLabelText("Events per day (UTC)")).toHaveValue("50,000");
});

test("errors of limits are shown at their fields, and what was typed stays", async () => {
  server.use(
    http.patch("*/api/v1/projects/7/settings", () =>
      fieldRefusal({
        rate_limit_per_minute: ["Must be greater than or equal to 1."],
        monthly_quota: ["Must not be less than the daily quota."],
      }),
    ),
  );
  const person = openDashboard("/p/7/settings/limits");
  const form = within(await screen.findByRole("region", { name: "Rate limits and quotas" }));
  const rate = form.getByLabelText("Events per minute");
  await person.clear(rate);
  await person.type(rate, "0");
  await person.type(form.getByLabelText("Events per month (UTC)"), "5");
  await person.click(form.getByRole("button", { name: "Save" }));
  expect(await form.findByRole("alert")).toHaveTextContent("Check the marked fields.");
  expect(rate).toHaveAccessibleDescription(/Must be greater than or equal to 1/);
  expect(form.getByLabelText("Events per month (UTC)")).toHaveAccessibleDescription(/Must not be less than the daily quota/);
  expect(rate).toHaveFocus();
  expect(rate).toHaveValue("0");
  await person.click(form.getByRole("button", { name: "Undo" }));
  expect(rate).toHaveValue("60,000");
});

test("what was typed and not saved is still there after a look at another page, and the browser asks before it is lost", async () => {
  const person = openDashboard("/p/7/settings/limits");
  await screen.findByRole("region", { name: "Rate limits and quotas" });
  await person.type(screen.getByLabelText("Events per day (UTC)"), "50000");
  const leaving = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(leaving);
  expect(leaving.defaultPrevented).toBe(true);
  await person.click(screen.getByRole("link", { name: "Members" }));
  expect(await screen.findByRole("heading", { name: /Members/, level: 2 })).toBeVisible();
  await person.click(screen.getByTestId("back"));
  await screen.findByRole("region", { name: "Rate limits and quotas" });
  expect(screen.getByLabelText("Events per day (UTC)")).toHaveValue("50,000");
  await person.click(screen.getByRole("button", { name: "Undo" }));
  expect(screen.getByLabelText("Events per day (UTC)")).toHaveValue("");
});

test("a share is entered in percent", async () => {
  let asked: unknown;
  server.use(
    http.patch("*/api/v1/projects/7/settings", async ({ request }) => {
      asked = await request.json();
      return HttpResponse.json({ ...settings, sample_rate: 0.07 });
    }),
  );
  const person = openDashboard("/p/7/settings/limits");
  const form = within(await screen.findByRole("region", { name: "Sampling" }));
  const share = form.getByLabelText("Share of user IDs stored");
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
])("a viewer sees the %s, cannot change them, and is told who can", async (part, title) => {
  server.use(projectList([{ ...project, role: "viewer" }]));
  openDashboard(`/p/7/settings/${part}`);
  const form = within(await screen.findByRole("region", { name: title }));
  expect(form.getByRole("group", { name: title })).toBeDisabled();
  expect(form.getByText("Only owners and admins of this project can do this. Your role: viewer.")).toBeVisible();
  expect(form.queryByRole("button", { name: "Save" })).not.toBeInTheDocument();
});

test("the error of an origin names its number in the list", async () => {
  server.use(
    http.patch("*/api/v1/projects/7/settings", () => fieldRefusal({ "allowed_origins.1": ["Not an origin."] })),
  );
  const person = openDashboard("/p/7/settings/origins");
  const field = await screen.findByRole("combobox", { name: "Allowed origins" });
  await person.type(field, "https://example.org{Enter}example{Enter}");
  await person.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Entry 2: Not an origin.")).toBeVisible();
});

test("a shorter retention warns that it deletes data", async () => {
  const person = openDashboard("/p/7/settings/retention");
  await person.type(await screen.findByLabelText("Keep raw events for"), "90");
  expect(await screen.findByRole("alert")).toHaveTextContent("This cannot be undone.");
});

test("a project is deleted only by typing its name", async () => {
  let isDeleted = false;
  server.use(
    http.delete("*/api/v1/projects/7", () => {
      isDeleted = true;
      return HttpResponse.json({ ...deletion, project_id: 7, name: "Harbour" }, { status: 202 });
    }),
  );
  const person = openDashboard("/p/7/settings/danger");
  await person.click(await screen.findByRole("button", { name: "Delete Harbour" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Delete Harbour?" }));
  expect(dialog.getByRole("button", { name: "Delete project" })).toBeDisabled();
  await person.type(dialog.getByRole("textbox"), "harbour{Enter}");
  expect(isDeleted).toBe(false);
  await person.clear(dialog.getByRole("textbox"));
  await person.type(dialog.getByRole("textbox"), "Harbour");
  await person.click(dialog.getByRole("button", { name: "Delete project" }));
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent(/^\/projects$/);
  });
  expect(isDeleted).toBe(true);
});

test("an admin cannot delete a project, and is told who can", async () => {
  server.use(projectList([{ ...project, role: "admin" }]));
  openDashboard("/p/7/settings/danger");
  expect(await screen.findByText("Only owners of this project can do this. Your role: admin.")).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Delete/ })).not.toBeInTheDocument();
});
