import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../support/render";
import { project, refusal, server, settings } from "../support/server";

/** Names of all further projects, which only the list of projects has. */
function withProjects(...names: string[]) {
  const items = [project, ...names.map((name, index) => ({ ...project, id: 20 + index, name }))];
  server.use(
    http.get("*/api/v1/projects/", () => HttpResponse.json({ items, next_cursor: null })),
    http.get("*/api/v1/projects/2:digit", ({ params }) => HttpResponse.json(items[1 + Number(params["digit"])])),
    http.get("*/api/v1/projects/2:digit/settings", () => HttpResponse.json(settings)),
  );
}

test("another project is opened at the same page, without what only the first one has", async () => {
  withProjects("Jetty");
  const person = openDashboard("/p/7/settings/keys?f=country:is:DE&segment=4&saved=3");
  await person.click(await screen.findByRole("button", { name: "Project: Harbour" }));
  await person.click(await screen.findByRole("option", { name: "Jetty" }));
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent(/^\/p\/20\/settings\?f=country%3Ais%3ADE$/);
  });
});

test("many projects can be searched", async () => {
  withProjects(...Array.from({ length: 10 }, (_, index) => `Jetty ${index}`));
  const person = openDashboard("/p/7/settings");
  await person.click(await screen.findByRole("button", { name: "Project: Harbour" }));
  await person.type(await screen.findByRole("textbox", { name: "Search projects…" }), "jetty 7");
  expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual(["Jetty 7", "All projects"]);
});

test("the links of a project mark the open page", async () => {
  openDashboard("/p/7/settings/keys");
  const pages = await screen.findByRole("navigation", { name: "Pages" });
  expect(await within(pages).findByRole("link", { name: "Settings" })).toHaveAttribute("aria-current", "page");
  expect(within(pages).getByRole("link", { name: "Home" })).not.toHaveAttribute("aria-current");
});

test("a project of a thousand frequent events still has the pages of a rare one", async () => {
  const items = Array.from({ length: 1_000 }, (_, index) => ({ name: `frequent ${index}`, events: 1_000, description: "", hidden: false }));
  server.use(
    http.get("*/api/v1/analytics/7/definitions/events", () => HttpResponse.json({ items })),
    http.get("*/api/v1/analytics/7/definitions/catalog-entry", ({ request }) =>
      new URL(request.url).searchParams.get("name") === "resource" ? HttpResponse.json({ hidden: false }) : refusal(404, "No such event."),
    ),
  );
  openDashboard("/p/7/settings");
  const pages = await screen.findByRole("navigation", { name: "Pages" });
  expect(await within(pages).findByRole("link", { name: "Game" })).toBeVisible();
});

test("a collapsed navigation keeps its names, and stays collapsed", async () => {
  const person = openDashboard("/p/7/settings");
  await person.click(await screen.findByRole("button", { name: "Collapse navigation" }));
  const pages = screen.getByRole("navigation", { name: "Pages" });
  expect(within(pages).getByRole("link", { name: "Settings" })).toHaveTextContent("");
  expect(localStorage.getItem("tidemark-narrow-rail")).toBe("true");
  await person.click(screen.getByRole("button", { name: "Expand navigation" }));
});

test("after a change of page the content has the focus and its title is read out", async () => {
  const person = openDashboard("/projects");
  await person.click(await screen.findByRole("button", { name: "Account owner@example.org" }));
  await person.click(await screen.findByRole("menuitem", { name: "Your account" }));
  await waitFor(() => {
    expect(document.activeElement).toBe(screen.getByRole("main"));
  });
  await waitFor(() => {
    const announced = [...document.querySelectorAll("[aria-live=polite]")].map(({ textContent }) => textContent);
    expect(announced).toContain("Your account · Tidemark");
  });
});

test("dates and filters go along to every page that reads them", async () => {
  openDashboard("/p/7/settings?period=7d&f=country:is:DE&saved=3");
  const pages = await screen.findByRole("navigation", { name: "Pages" });
  for (const name of ["Home", "Web", "Explore", "Dashboards", "People", "Goals"]) {
    expect(await within(pages).findByRole("link", { name })).toHaveAttribute("href", expect.stringMatching(/\?period=7d&f=country%3Ais%3ADE$/));
  }
  expect(within(pages).getByRole("link", { name: "Settings" })).toHaveAttribute("href", "/p/7/settings");
});
