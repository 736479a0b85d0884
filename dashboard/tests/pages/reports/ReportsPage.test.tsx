import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { MailReport } from "../../../src/api/alerts/reports";
import { openDashboard } from "../../support/render";
import { project, projectList, server, webHandlers } from "../../support/server";

const report: MailReport = {
  id: 4,
  name: "Weekly figures",
  dashboard_id: 3,
  insight_id: null,
  frequency: "weekly",
  weekday: 1,
  month_day: 1,
  time: "08:00",
  language: "en",
  recipients: [
    { email: "ada@example.org", is_member: true, is_unsubscribed: false },
    { email: "bob@example.org", is_member: false, is_unsubscribed: true },
  ],
  is_paused: false,
  next_at: "2026-10-26T06:00:00+00:00",
  last_sent_at: null,
  last_error: "The query service did not answer.",
  created_by: 1,
  created_at: "2026-10-01T06:00:00+00:00",
  updated_at: "2026-10-01T06:00:00+00:00",
};
const board = { id: 3, name: "Board", description: "", tiles: { items: [] }, created_by: 1, created_at: report.created_at, updated_at: report.updated_at, is_shared: false, share_expires_at: null, share: null };
const PATH = "*/api/v1/analytics/7/reports/";

beforeEach(() => {
  server.use(
    ...webHandlers,
    http.get(PATH, () => HttpResponse.json({ items: [report], next_cursor: null })),
    http.get("*/api/v1/analytics/7/dashboards/", () => HttpResponse.json({ items: [board], next_cursor: null })),
    http.get("*/api/v1/analytics/7/saved-insights/", () => HttpResponse.json({ items: [], next_cursor: null })),
  );
});

test("a report says what it sends, when, to how many, and why the last one failed", async () => {
  openDashboard("/p/7/reports");
  const item = within(await screen.findByRole("list", { name: "Reports" })).getByRole("listitem");
  await waitFor(() => {
    expect(item).toHaveTextContent("Board · Every Monday at 08:00 · 2 recipients (1 unsubscribed)");
  });
  expect(item).toHaveTextContent("Not sent yet");
  expect(item).toHaveTextContent("The query service did not answer.");
});

test("a new report is of a dashboard, at a time, to addresses", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post(PATH, async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(report, { status: 201 });
    }),
  );
  const person = openDashboard("/p/7/reports");
  await person.click(await screen.findByRole("button", { name: "New report" }));
  const dialog = within(await screen.findByRole("dialog", { name: "New report" }));
  await person.click(dialog.getByRole("combobox", { name: "What is sent" }));
  await person.click(await screen.findByRole("option", { name: "Board" }));
  expect(dialog.getByLabelText("Subject of the mail")).toHaveValue("Board");
  await person.click(dialog.getByRole("radio", { name: "Daily" }));
  expect(dialog.getByText("Each mail covers the day before.")).toBeVisible();
  expect(dialog.getByRole("button", { name: "Create report" })).toBeDisabled();
  await person.type(dialog.getByRole("combobox", { name: "Recipients" }), "ada@example.org, bob@example.org{Enter}");
  await person.click(dialog.getByRole("button", { name: "Create report" }));
  await waitFor(() => {
    expect(screen.queryByRole("dialog")).toBeNull();
  });
  expect(sent).toEqual([
    {
      name: "Board", dashboard_id: 3, insight_id: null, frequency: "daily", weekday: 1, month_day: 1, time: "08:00",
      language: "en", recipients: ["ada@example.org", "bob@example.org"], is_paused: false,
    },
  ]);
});

test("a preview is shown once it is made, without scripts", async () => {
  let asked = 0;
  server.use(
    http.get(`${PATH}4/preview`, () => {
      asked += 1;
      const body = { status: "rendering", subject: null, html: null, error: null };
      return HttpResponse.json(asked === 1 ? body : { ...body, status: "ready", subject: "Weekly figures: 25 Oct", html: "<p>12 users</p>" });
    }),
  );
  const person = openDashboard("/p/7/reports");
  await person.click(await screen.findByRole("button", { name: "Preview" }));
  expect(await screen.findByText(/The mail is being made/)).toBeVisible();
  const frame = await screen.findByTitle("Preview of Weekly figures", {}, { timeout: 4_000 });
  expect(frame).toHaveAttribute("srcdoc", "<p>12 users</p>");
  expect(frame).toHaveAttribute("sandbox", "");
});

test("a report is paused, and sent to oneself", async () => {
  const changes: unknown[] = [];
  server.use(
    http.patch(`${PATH}4`, async ({ request }) => {
      changes.push(await request.json());
      return HttpResponse.json({ ...report, is_paused: true });
    }),
    http.post(`${PATH}4/send-now`, () => HttpResponse.json({ email: "ada@example.org" }, { status: 202 })),
  );
  const person = openDashboard("/p/7/reports");
  await person.click(await screen.findByRole("button", { name: "Actions of Weekly figures" }));
  await person.click(await screen.findByRole("menuitem", { name: "Send to me now" }));
  expect(await screen.findByText("On its way to ada@example.org")).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Actions of Weekly figures" }));
  await person.click(await screen.findByRole("menuitem", { name: "Pause" }));
  await waitFor(() => {
    expect(changes).toEqual([{ is_paused: true }]);
  });
});

test("a viewer sees reports and previews without the means to change them", async () => {
  server.use(projectList([{ ...project, role: "viewer" }]));
  const person = openDashboard("/p/7/reports");
  expect(await screen.findByText("Weekly figures")).toBeVisible();
  expect(screen.queryByRole("button", { name: "New report" })).toBeNull();
  await person.click(screen.getByRole("button", { name: "Actions of Weekly figures" }));
  expect(await screen.findByRole("menuitem", { name: "Send to me now" })).toBeVisible();
  expect(screen.queryByRole("menuitem", { name: "Pause" })).toBeNull();
});
