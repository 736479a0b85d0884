import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { fieldRefusal, newProject, project, projectList, refusal, SECRET, server, timeseries } from "../../support/server";

test("projects are listed with the events of the last week", async () => {
  openDashboard("/projects");
  expect(await screen.findByRole("link", { name: "Harbour" })).toHaveAttribute("href", "/p/7");
  expect(await screen.findByText("1,234,567")).toBeInTheDocument();
});

test("all projects are listed, however many pages they are", async () => {
  server.use(
    http.get("*/api/v1/projects/", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      if (asked.has("deleted")) return HttpResponse.json({ items: [], next_cursor: null });
      return asked.get("cursor") === "7"
        ? HttpResponse.json({ items: [newProject], next_cursor: null })
        : HttpResponse.json({ items: [project], next_cursor: "7" });
    }),
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
    // The test ends where the figures of the new project's page begin.
    http.get("*/api/v1/analytics/8/*", () => refusal(503, "Starting.")),
    http.get("*/api/v1/projects/8", () => HttpResponse.json({ ...newProject, secret_key: undefined })),
    http.get("*/api/v1/projects/8/*", () => refusal(503, "Starting.")),
  );
  const person = openDashboard("/projects");
  await person.click(await screen.findByRole("button", { name: "New project" }));
  const form = await screen.findByRole("dialog", { name: "New project" });
  await person.type(within(form).getByLabelText(/^Name/), "  Jetty ");
  await person.click(within(form).getByRole("button", { name: "Create" }));
  const dialog = await screen.findByRole("dialog", { name: "Jetty is ready" });
  expect(within(dialog).getByText(SECRET)).toBeVisible();
  expect(dialog).toHaveTextContent("it is not shown again");
  expect(asked).toEqual({ domain: null, is_sample: false, name: "Jetty", timezone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  // The new project's page is open behind it by now, and the key is still there.
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("/p/8");
  });

  await person.keyboard("{Escape}");
  expect(screen.getByText(SECRET)).toBeVisible();
  await person.click(within(dialog).getByRole("button", { name: "I have copied it" }));
  await waitFor(() => {
    expect(document.body.innerHTML).not.toContain(SECRET);
  });
});

test("the error of a new project is shown at its field", async () => {
  server.use(
    http.post("*/api/v1/projects/", () => fieldRefusal({ timezone: ["Unknown time zone."] })),
  );
  const person = openDashboard("/projects");
  await person.click(await screen.findByRole("button", { name: "New project" }));
  await person.type(await screen.findByLabelText(/^Name/), "Jetty");
  await person.click(screen.getByRole("button", { name: "Create" }));
  expect(await screen.findByRole("combobox", { name: "Time zone" })).toHaveAccessibleDescription(/Unknown time zone/);
});

test.each(["/p/99", "/p/abc", "/p/0", "/nowhere"])("%s is not found, and links back to the projects", async (address) => {
  openDashboard(address);
  expect(await screen.findByRole("heading", { name: "Page not found" })).toBeVisible();
  expect(screen.getByRole("link", { name: "All projects" })).toHaveAttribute("href", "/projects");
});

test("a failure shows its cause and its request, and can be tried again", async () => {
  server.use(http.get("*/api/v1/projects/", () => refusal(403, "You may not list projects.")));
  const person = openDashboard("/projects");
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("You may not list projects.");
  expect(alert).toHaveTextContent("Request request-1");
  server.use(projectList([project]));
  await person.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "Harbour" })).toBeVisible();
});

test("a sample says what it is, and its owner removes it with one click", async () => {
  const removed: string[] = [];
  server.use(
    http.get("*/api/v1/projects/", ({ request }) => {
      const items = new URL(request.url).searchParams.has("deleted") ? [] : [project, { ...project, id: 9, name: "Reef", is_sample: true }];
      return HttpResponse.json({ items, next_cursor: null });
    }),
    http.get("*/api/v1/analytics/9/timeseries", () => HttpResponse.json(timeseries)),
    http.delete("*/api/v1/projects/:id", ({ params }) => {
      removed.push(String(params["id"]));
      return HttpResponse.json({}, { status: 202 });
    }),
  );
  const person = openDashboard("/projects");
  expect(await screen.findByText("Sample")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Remove Harbour" })).toBeNull();
  await person.click(screen.getByRole("button", { name: "Remove Reef" }));
  await waitFor(() => {
    expect(removed).toEqual(["9"]);
  });
});
