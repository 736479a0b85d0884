import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";
import { openDashboard } from "../../support/render";
import { fieldRefusal, server, session, user } from "../../support/server";

const APP_SECRET = "JBSWY3DPEHPK3PXP";
const CODES = ["aaaa-bbbb", "cccc-dddd"];

test("two-factor authentication takes the password and a first code, and shows the recovery codes once", async () => {
  let isOn = false;
  server.use(
    http.get("*/api/v1/auth/me", () => HttpResponse.json({ ...user, has_second_factor: isOn })),
    http.post("*/api/v1/auth/two-factor/setup", () =>
      HttpResponse.json({ secret: APP_SECRET, uri: `otpauth://totp/Tidemark:owner?secret=${APP_SECRET}` }),
    ),
    http.post("*/api/v1/auth/two-factor/enable", async ({ request }) => {
      const { code } = (await request.json()) as { code: string };
      if (code !== "123456") return fieldRefusal({ code: ["This code is not valid."] });
      isOn = true;
      return HttpResponse.json({ recovery_codes: CODES });
    }),
  );
  const person = openDashboard("/account");
  await person.click(await screen.findByRole("button", { name: "Set up" }));
  await person.type(within(await screen.findByRole("dialog")).getByLabelText("Current password"), "a password");
  await person.click(screen.getByRole("button", { name: "Continue" }));

  const app = await screen.findByRole("dialog", { name: "Add Tidemark to your app" });
  expect(within(app).getByRole("img", { name: "QR code for your authenticator app" })).toBeVisible();
  expect(within(app).getByText(APP_SECRET)).toBeVisible();
  await person.type(within(app).getByLabelText("Code"), "000000");
  await person.keyboard("{Enter}");
  await waitFor(() => {
    expect(within(app).getByLabelText("Code")).toHaveAccessibleDescription(/This code is not valid/);
  });
  await person.clear(within(app).getByLabelText("Code"));
  await person.type(within(app).getByLabelText("Code"), "123456{Enter}");

  const shown = await screen.findByRole("dialog", { name: "Your recovery codes" });
  for (const code of CODES) expect(shown).toHaveTextContent(code);
  await person.keyboard("{Escape}");
  await person.click(within(shown).getByRole("button", { name: "I have copied it" }));
  await waitFor(() => {
    expect(document.body.innerHTML).not.toContain(CODES[0]);
  });
  expect(await screen.findByRole("button", { name: "New recovery codes" })).toBeVisible();
});

test("recovery codes are copied whole", async () => {
  server.use(
    http.get("*/api/v1/auth/me", () => HttpResponse.json({ ...user, has_second_factor: true })),
    http.post("*/api/v1/auth/two-factor/recovery-codes", () => HttpResponse.json({ recovery_codes: CODES })),
  );
  const person = openDashboard("/account");
  const copied = vi.spyOn(navigator.clipboard, "writeText");
  await person.click(await screen.findByRole("button", { name: "New recovery codes" }));
  const proof = await screen.findByRole("dialog", { name: "New recovery codes" });
  await person.type(within(proof).getByLabelText("Current password"), "a password");
  await person.type(within(proof).getByLabelText("Code"), "123456{Enter}");
  const shown = await screen.findByRole("dialog", { name: "Your recovery codes" });
  await person.click(within(shown).getByRole("button", { name: /^Copy/ }));
  expect(copied).toHaveBeenCalledWith(CODES.join("\n"));
});

test("turning off two-factor authentication takes both factors, and an error is shown at its field", async () => {
  let asked: unknown;
  server.use(
    http.get("*/api/v1/auth/me", () => HttpResponse.json({ ...user, has_second_factor: true })),
    http.post("*/api/v1/auth/two-factor/disable", async ({ request }) => {
      asked = await request.json();
      return fieldRefusal({ current_password: ["This is not your password."] });
    }),
  );
  const person = openDashboard("/account");
  await person.click(await screen.findByRole("button", { name: "Turn off" }));
  const proof = await screen.findByRole("dialog", { name: "Turn off two-factor authentication?" });
  await person.type(within(proof).getByLabelText("Current password"), "wrong");
  await person.type(within(proof).getByLabelText("Code"), "123456{Enter}");
  await waitFor(() => {
    expect(within(proof).getByLabelText("Current password")).toHaveAccessibleDescription(/This is not your password/);
  });
  expect(asked).toEqual({ current_password: "wrong", code: "123456" });
  expect(screen.getByText("On")).toBeInTheDocument();
});

test("the error of a weak password is shown at its field, and what was typed stays", async () => {
  server.use(http.post("*/api/v1/users/me/password", () => fieldRefusal({ password: ["Too short."] })));
  const person = openDashboard("/account");
  const form = within(await screen.findByRole("region", { name: "Password" }));
  await person.type(form.getByLabelText("Current password"), "a password");
  await person.type(form.getByLabelText("New password"), "short{Enter}");
  await waitFor(() => {
    expect(form.getByLabelText("New password")).toHaveAccessibleDescription(/Too short/);
  });
  expect(form.getByLabelText("New password")).toHaveValue("short");
});

test("another session is ended only after asking; the current one has no button", async () => {
  const other = { ...session, id: "on the phone", user_agent: "", is_current: false };
  let sessions = [session, other];
  server.use(
    http.get("*/api/v1/auth/sessions", () => HttpResponse.json({ items: sessions })),
    http.delete("*/api/v1/auth/sessions/:id", ({ params }) => {
      sessions = sessions.filter(({ id }) => id !== decodeURIComponent(String(params["id"])));
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const person = openDashboard("/account");
  const list = await screen.findByRole("list", { name: "Devices" });
  expect(within(list).getAllByRole("button")).toHaveLength(1);
  await person.click(within(list).getByRole("button"));
  expect(sessions).toHaveLength(2);
  await person.click(await screen.findByRole("button", { name: "Sign out device" }));
  await waitFor(() => {
    expect(within(screen.getByRole("list", { name: "Devices" })).getAllByRole("listitem")).toHaveLength(1);
  });
  expect(sessions).toEqual([session]);
});
