import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { harbourTown, project, projectList, quebec, refusal, server, visitorsAre } from "../../support/server";

beforeEach(() => {
  server.use(...visitorsAre(0).handlers);
});

test("a division is entered, and a refusal is at its field", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/v1/analytics/7/divisions/", async ({ request }) => {
      sent.push(await request.json());
      return sent.length === 1
        ? HttpResponse.json({ code: "invalid_fields", message: "Wrong.", errors: { parent_id: ["The project has no such division."] } }, { status: 422 })
        : HttpResponse.json(quebec, { status: 201 });
    }),
  );
  const person = openDashboard("/p/7/settings/communities");
  await person.click(await screen.findByRole("button", { name: "New division" }));
  const dialog = within(await screen.findByRole("dialog", { name: "New division" }));
  await person.type(dialog.getByLabelText("Name"), "Montreal");
  await person.type(dialog.getByLabelText("ID"), "montreal");
  await person.type(dialog.getByLabelText("Country"), "ca");
  await person.type(dialog.getByRole("combobox", { name: "Inside the division" }), "ca-on");
  await person.click(dialog.getByRole("button", { name: "Create" }));
  expect(await dialog.findByText("The project has no such division.")).toBeVisible();
  await person.clear(dialog.getByRole("combobox", { name: "Inside the division" }));
  await person.type(dialog.getByRole("combobox", { name: "Inside the division" }), "ca-qc");
  await person.click(dialog.getByRole("button", { name: "Create" }));
  await waitFor(() => {
    expect(screen.queryByRole("dialog")).toBeNull();
  });
  expect(sent.at(-1)).toEqual({ id: "montreal", name: "Montreal", kind: "", parent_id: "ca-qc", country: "CA", region: null });
});

test("a community is changed, and its id stays", async () => {
  let changed: unknown;
  server.use(
    http.patch("*/api/v1/analytics/7/communities/harbour", async ({ request }) => {
      changed = await request.json();
      return HttpResponse.json(harbourTown);
    }),
  );
  const person = openDashboard("/p/7/settings/communities");
  await person.click(await screen.findByRole("button", { name: "Edit Harbour town" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Edit Harbour town" }));
  expect(dialog.getByLabelText("ID")).toBeDisabled();
  await person.type(dialog.getByLabelText("Name"), "s");
  await person.click(dialog.getByRole("button", { name: "Save" }));
  await waitFor(() => {
    expect(changed).toEqual({ name: "Harbour towns", slug: "", division_id: "ca-qc" });
  });
});

test("a division that is in use is not deleted, and the page says why", async () => {
  server.use(http.delete("*/api/v1/analytics/7/divisions/ca-qc", () => refusal(409, "Communities belong to this division. Move them first.")));
  const person = openDashboard("/p/7/settings/communities");
  await person.click(await screen.findByRole("button", { name: "Delete Quebec" }));
  const dialog = within(await screen.findByRole("dialog"));
  await person.click(dialog.getByRole("button", { name: "Delete" }));
  expect(await dialog.findByText(/Communities belong to this division/)).toBeVisible();
});

test("a viewer sees them without the means to change them", async () => {
  server.use(projectList([{ ...project, role: "viewer" }]));
  openDashboard("/p/7/settings/communities");
  expect(await screen.findByText("Quebec")).toBeVisible();
  expect(screen.queryByRole("button", { name: "New division" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Delete Quebec" })).toBeNull();
  expect(screen.getAllByText(/Only members of this project can do this/)).toHaveLength(2);
});
