import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { goal, goalReport, project, projectList, server, webHandlers } from "../../support/server";

beforeEach(() => {
  server.use(...webHandlers);
});

test("goals are listed with their conversions, and lead to the Web page", async () => {
  openDashboard("/p/7/goals?period=7d");
  const link = await screen.findByRole("link", { name: "Show who converts: Sign-up" });
  expect(link).toHaveAttribute("href", "/p/7/web?period=7d&goal=3");
  const row = screen.getByRole("row", { name: /Sign-up/ });
  await waitFor(() => {
    expect(row).toHaveTextContent("Sign-upEvent signup87, Visitors who reached Sign-up: show users5%90+50%");
  });
});

test("the change of goals is that from the time before, or from what the address names", async () => {
  const asked: (string | null)[] = [];
  server.use(
    http.get("*/api/v1/analytics/7/goals/report", ({ request }) => {
      asked.push(new URL(request.url).searchParams.get("compare"));
      return HttpResponse.json(goalReport);
    }),
  );
  const person = openDashboard("/p/7/goals");
  await person.click(await screen.findByRole("button", { name: "Compare" }));
  await person.click(await screen.findByRole("menuitemradio", { name: "Previous year" }));
  await waitFor(() => {
    // The goals themselves come beside their report, which is then asked for again.
    expect([...new Set(asked)]).toEqual(["previous_period", "previous_year"]);
  });
});

test("a new goal is an event or a page, and the server's refusal is at its field", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/v1/analytics/7/goals/", async ({ request }) => {
      sent.push(await request.json());
      return sent.length === 1
        ? HttpResponse.json({ code: "invalid_fields", message: "Wrong.", errors: { page: ["Begin with a slash."] } }, { status: 422 })
        : HttpResponse.json(goal, { status: 201 });
    }),
  );
  const person = openDashboard("/p/7/goals");
  await person.click(await screen.findByRole("button", { name: "New goal" }));
  const dialog = within(await screen.findByRole("dialog", { name: "New goal" }));
  await person.type(dialog.getByLabelText("Name"), "Docs");
  await person.click(dialog.getByRole("radio", { name: "A page" }));
  await person.type(dialog.getByLabelText("Page path"), "docs");
  await person.click(dialog.getByRole("button", { name: "Create goal" }));
  expect(await dialog.findByText("Begin with a slash.")).toBeVisible();
  await person.type(dialog.getByLabelText("Page path"), "{Home}/");
  await person.click(dialog.getByRole("button", { name: "Create goal" }));
  await waitFor(() => {
    expect(screen.queryByRole("dialog")).toBeNull();
  });
  expect(sent.at(-1)).toEqual({ name: "Docs", event: null, page: "/docs", filters: null, value_property: null });
});

test("the list of events is gone once one of them is typed, so that it covers no other field", async () => {
  server.use(
    http.get("*/api/v1/analytics/7/definitions/events", () => HttpResponse.json({ items: [{ name: "signup", hidden: false }, { name: "signed_out", hidden: false }] })),
  );
  const person = openDashboard("/p/7/goals");
  await person.click(await screen.findByRole("button", { name: "New goal" }));
  const field = within(await screen.findByRole("dialog", { name: "New goal" })).getByRole("combobox", { name: "Event" });
  await person.type(field, "sign");
  expect(await screen.findAllByRole("option")).toHaveLength(2);
  await person.type(field, "up");
  await waitFor(() => {
    expect(screen.queryByRole("option")).toBeNull();
  });
});

test("a deleted goal can be restored as the same goal", async () => {
  const person = openDashboard("/p/7/goals");
  await person.click(await screen.findByRole("button", { name: "Delete Sign-up" }));
  expect(await screen.findByText("Goal “Sign-up” deleted")).toBeVisible();
  expect(await screen.findByText("No goals yet")).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Undo" }));
  // With its id: reports and links name it by that. A request would fail this test.
  expect(await screen.findByRole("link", { name: "Show who converts: Sign-up" })).toHaveAttribute("href", expect.stringContaining("goal=3"));
});

test("a viewer sees goals without the means to change them", async () => {
  server.use(projectList([{ ...project, role: "viewer" }]));
  openDashboard("/p/7/goals");
  expect(await screen.findByRole("link", { name: "Show who converts: Sign-up" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "New goal" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Delete Sign-up" })).toBeNull();
});
