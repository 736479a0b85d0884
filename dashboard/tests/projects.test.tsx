import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";
import { openDashboard } from "./render";
import { newProject, project, refusal, SECRET, server, timeseries } from "./server";

test("projects are listed with the events of their last days", async () => {
  openDashboard("/projects");
  expect(await screen.findByRole("link", { name: "Harbour" })).toHaveAttribute("href", "/projects/7");
  expect(await screen.findByText("1,234,567")).toBeInTheDocument();
});

test("all projects are listed, however many pages they are", async () => {
  server.use(
    http.get("*/api/v1/projects/", ({ request }) =>
      new URL(request.url).searchParams.get("cursor") === "7"
        ? HttpResponse.json({ items: [newProject], next_cursor: null })
        : HttpResponse.json({ items: [project], next_cursor: "7" }),
    ),
    http.get("*/api/v1/analytics/8/timeseries", () => HttpResponse.json(timeseries)),
  );
  openDashboard("/projects");
  expect(await screen.findByRole("link", { name: "Jetty" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Harbour" })).toBeVisible();
});

test("a new project's secret key is shown once, and leaves only by the button", async () => {
  let asked: unknown;
  server.use(
    http.post("*/api/v1/projects/", async ({ request }) => {
      asked = await request.json();
      return HttpResponse.json(newProject, { status: 201 });
    }),
    http.get("*/api/v1/projects/8", () => HttpResponse.json({ ...newProject, secret_key: undefined })),
  );
  const person = openDashboard("/projects");
  await person.click(await screen.findByRole("button", { name: "New project" }));
  const dialog = await screen.findByRole("dialog");
  await person.type(within(dialog).getByLabelText(/^Name/), "  Jetty ");
  await person.click(within(dialog).getByRole("button", { name: "Create" }));
  expect(await within(dialog).findByText(SECRET)).toBeVisible();
  expect(dialog).toHaveTextContent("it is not shown again");
  expect(asked).toEqual({ name: "Jetty", timezone: Intl.DateTimeFormat().resolvedOptions().timeZone });

  await person.keyboard("{Escape}");
  expect(screen.getByText(SECRET)).toBeVisible();
  await person.click(within(dialog).getByRole("button", { name: "I have copied it" }));
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("/projects/8");
  });
  expect(document.body.innerHTML).not.toContain(SECRET);
});

test("what is wrong with a new project stands at its field", async () => {
  server.use(
    http.post("*/api/v1/projects/", () =>
      HttpResponse.json(
        { code: 422, message: "Not valid.", errors: { json: { timezone: ["Unknown time zone."] } } },
        { status: 422 },
      ),
    ),
  );
  const person = openDashboard("/projects");
  await person.click(await screen.findByRole("button", { name: "New project" }));
  await person.type(await screen.findByLabelText(/^Name/), "Jetty");
  await person.click(screen.getByRole("button", { name: "Create" }));
  expect(await screen.findByRole("combobox", { name: "Time zone" })).toHaveAccessibleDescription(/Unknown time zone/);
});

test("a secret key is replaced only after asking, shown once, and copied whole", async () => {
  let rotations = 0;
  server.use(
    http.post("*/api/v1/projects/7/rotate-key", () => {
      rotations += 1;
      return HttpResponse.json({ kind: "secret", key: SECRET });
    }),
  );
  const person = openDashboard("/projects/7/settings");
  const copied = vi.spyOn(navigator.clipboard, "writeText");
  await person.click(await screen.findByRole("button", { name: "Replace the secret key" }));
  const dialog = await screen.findByRole("dialog");
  expect(rotations).toBe(0);
  await person.click(within(dialog).getByRole("button", { name: "Replace it" }));
  expect(await within(dialog).findByText(SECRET)).toBeVisible();
  await person.click(within(dialog).getByRole("button", { name: /^Copy: Secret key/ }));
  expect(copied).toHaveBeenCalledWith(SECRET);
  await person.click(within(dialog).getByRole("button", { name: "I have copied it" }));
  await waitFor(() => {
    expect(document.body.innerHTML).not.toContain(SECRET);
  });
  expect(rotations).toBe(1);
});

test("who may not replace keys is not offered it, and told who may", async () => {
  server.use(http.get("*/api/v1/projects/7", () => HttpResponse.json({ ...project, role: "viewer" })));
  openDashboard("/projects/7/settings");
  expect(await screen.findByText(/replaced by the project's owner or an admin/)).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Replace/ })).not.toBeInTheDocument();
});

test.each(["/projects/99", "/projects/abc", "/projects/0", "/nowhere"])("%s is nothing, with a way back", async (address) => {
  openDashboard(address);
  expect(await screen.findByRole("heading", { name: "Nothing washed up here" })).toBeVisible();
  expect(screen.getByRole("link", { name: "All projects" })).toHaveAttribute("href", "/projects");
});

test("a failure names its cause and its request, and can be tried again", async () => {
  server.use(http.get("*/api/v1/projects/", () => refusal(403, "You may not list projects.")));
  const person = openDashboard("/projects");
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("You may not list projects.");
  expect(alert).toHaveTextContent("Request request-1");
  server.use(http.get("*/api/v1/projects/", () => HttpResponse.json({ items: [project], next_cursor: null })));
  await person.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "Harbour" })).toBeVisible();
});
