import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { project, projectList, server } from "../../support/server";

const BASE = "*/api/v1/analytics/7/channels/";
const TIME = "2026-03-10T12:00:00+00:00";
const ops = {
  id: 3,
  name: "Ops",
  kind: "webhook",
  is_enabled: true,
  recipients: [],
  server: "https://hooks.example.org",
  chat_id: null,
  created_by: 1,
  created_at: TIME,
  updated_at: TIME,
};
const failed = {
  id: 9,
  kind: "alert",
  key: "alert:7:1",
  title: "Sign-ups fell",
  state: "failed",
  attempts: 2,
  next_attempt_at: "2026-03-10T12:06:00+00:00",
  last_error: "The receiver answers 503: down",
  error_code: "answer",
  error_detail: "503: down",
  created_at: TIME,
  sent_at: null,
};

function channelsOf(items: unknown[], deliveries: unknown[] = [], mail: object = { is_set_up: true, missing: [] }) {
  server.use(
    http.get(BASE, () => HttpResponse.json({ items, next_cursor: null })),
    http.get(`${BASE}mail-setup`, () => HttpResponse.json(mail)),
    http.get(`${BASE}3/deliveries/`, () => HttpResponse.json({ items: deliveries, next_cursor: null })),
  );
}

test("the messages of a channel say what failed, why, and when it is tried again", async () => {
  channelsOf([ops], [failed]);
  const person = openDashboard("/p/7/settings/channels");
  await person.click(await screen.findByRole("button", { name: "Messages to Ops" }));
  const messages = await screen.findByRole("list", { name: "Messages to Ops" });
  expect(within(messages).getByText("Sign-ups fell")).toBeVisible();
  expect(within(messages).getByText("Failed")).toBeVisible();
  expect(within(messages).getByText("The receiver answers 503: down")).toBeVisible();
  expect(within(messages).getByText(/2 attempts · next attempt/)).toBeVisible();
});

test("a message that was given up is tried again, and a refusal says why", async () => {
  const retried: string[] = [];
  channelsOf([ops], [{ ...failed, state: "given_up", next_attempt_at: null }]);
  server.use(
    http.post(`${BASE}3/deliveries/:id/retry`, ({ params }) => {
      retried.push(String(params.id));
      if (retried.length > 1) return HttpResponse.json({ code: "conflict", message: "This message was sent already." }, { status: 409 });
      return HttpResponse.json({ ...failed, state: "waiting", attempts: 0 }, { status: 202 });
    }),
  );
  const person = openDashboard("/p/7/settings/channels");
  await person.click(await screen.findByRole("button", { name: "Messages to Ops" }));
  await person.click(await screen.findByRole("button", { name: "Try again: Sign-ups fell" }));
  await waitFor(() => {
    expect(retried).toEqual(["9"]);
  });
  await person.click(await screen.findByRole("button", { name: "Try again: Sign-ups fell" }));
  expect(await screen.findByText("This message was sent already.")).toBeVisible();
});

test("a webhook is added with what was entered, and its key is shown once", async () => {
  channelsOf([]);
  const sent: unknown[] = [];
  server.use(
    http.post(BASE, async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ ...ops, signing_key: "whsec_c2VjcmV0" }, { status: 201 });
    }),
  );
  const person = openDashboard("/p/7/settings/channels");
  await person.click(await screen.findByRole("button", { name: "Add channel" }));
  const dialog = await screen.findByRole("dialog");
  await person.selectOptions(within(dialog).getByLabelText("Kind"), "Webhook");
  await person.type(within(dialog).getByLabelText("Name"), "Ops");
  await person.type(within(dialog).getByLabelText("Address"), "https://hooks.example.org/x");
  await person.click(within(dialog).getByRole("button", { name: "Add channel" }));
  expect(await screen.findByText("whsec_c2VjcmV0")).toBeVisible();
  await person.click(screen.getByRole("button", { name: "I have copied it" }));
  await waitFor(() => {
    expect(document.body.innerHTML).not.toContain("whsec_");
  });
  expect(sent).toMatchObject([{ kind: "webhook", name: "Ops", url: "https://hooks.example.org/x" }]);
});

test("a change sends what was entered, so that secrets that were not entered stay", async () => {
  channelsOf([{ ...ops, kind: "ntfy", server: "https://ntfy.sh" }]);
  const sent: unknown[] = [];
  server.use(
    http.patch(`${BASE}3`, async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(ops);
    }),
  );
  const person = openDashboard("/p/7/settings/channels");
  await person.click(await screen.findByRole("button", { name: "Edit Ops" }));
  const dialog = await screen.findByRole("dialog", { name: "Channel Ops" });
  await person.type(within(dialog).getByLabelText("Topic"), "reef");
  await person.click(within(dialog).getByRole("button", { name: "Save" }));
  await waitFor(() => {
    expect(sent).toEqual([{ name: "Ops", topic: "reef" }]);
  });
});

test("without a mail server the form says what the operator has to set, and other kinds can be added", async () => {
  channelsOf([], [], { is_set_up: false, missing: ["SMTP_HOST", "MAIL_FROM"] });
  const person = openDashboard("/p/7/settings/channels");
  await person.click(await screen.findByRole("button", { name: "Add channel" }));
  const dialog = await screen.findByRole("dialog");
  expect(await within(dialog).findByText(/has to set SMTP_HOST, MAIL_FROM/)).toBeVisible();
  await person.selectOptions(within(dialog).getByLabelText("Kind"), "ntfy");
  expect(within(dialog).queryByText(/SMTP_HOST/)).not.toBeInTheDocument();
});

test("a viewer reads channels and their messages, and changes nothing", async () => {
  server.use(projectList([{ ...project, role: "viewer" }]));
  channelsOf([ops], [failed]);
  const person = openDashboard("/p/7/settings/channels");
  expect(await screen.findByRole("button", { name: "Messages to Ops" })).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Messages to Ops" }));
  expect(await screen.findByText("Sign-ups fell")).toBeVisible();
  expect(screen.queryByRole("button", { name: /^(Add|Edit|Delete|Send test|New|Try)/ })).not.toBeInTheDocument();
  expect(screen.getByText(/Only .* can do this/)).toBeVisible();
});
