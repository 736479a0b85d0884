import { screen, waitFor } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { fieldRefusal, project, refusal, server, user } from "../../support/server";

async function signIn(person: UserEvent) {
  await person.type(await screen.findByLabelText("E-mail"), "owner@example.org");
  await person.type(screen.getByLabelText("Password"), "a password");
  await person.click(screen.getByRole("button", { name: "Sign in" }));
}

function nobodyIsSignedIn() {
  let isIn = false;
  server.use(
    http.get("*/api/v1/auth/me", () => (isIn ? HttpResponse.json(user) : refusal(401, "Sign in."))),
    http.post("*/api/v1/auth/login", () => {
      isIn = true;
      return HttpResponse.json({ user });
    }),
  );
}

test("a wrong password is reported, and the form stays", async () => {
  server.use(http.post("*/api/v1/auth/login", () => refusal(401, "The e-mail address or the password is wrong.")));
  const person = openDashboard("/login");
  await signIn(person);
  expect(await screen.findByRole("alert")).toHaveTextContent("The e-mail address or the password is wrong.");
  expect(screen.getByLabelText("E-mail")).toHaveValue("owner@example.org");
});

test("an unreachable server is reported as such, not as a wrong password", async () => {
  server.use(http.post("*/api/v1/auth/login", () => HttpResponse.error()));
  const person = openDashboard("/login");
  await signIn(person);
  expect(await screen.findByRole("alert")).toHaveTextContent("Can't reach Tidemark");
});

test("a locked account is told how long to wait", async () => {
  server.use(
    http.post("*/api/v1/auth/login", () =>
      HttpResponse.json({ code: "too_many_attempts", message: "Too many attempts." }, { status: 429, headers: { "Retry-After": "60" } }),
    ),
  );
  const person = openDashboard("/login");
  await signIn(person);
  expect(await screen.findByRole("alert")).toHaveTextContent("Too many attempts. Wait 60 s");
});

test("a response that is not from Tidemark is not read as one", async () => {
  server.use(http.post("*/api/v1/auth/login", () => new HttpResponse("<h1>Bad gateway</h1>", { status: 502 })));
  const person = openDashboard("/login");
  await signIn(person);
  expect(await screen.findByRole("alert")).toHaveTextContent("The server failed (502)");
});

test("signing in leads to the page that was asked for", async () => {
  nobodyIsSignedIn();
  const person = openDashboard(`/p/${project.id}/settings?from=mail`);
  await signIn(person);
  expect(await screen.findByRole("heading", { name: "Settings" })).toBeVisible();
  expect(screen.getByTestId("address")).toHaveTextContent(`/p/${project.id}/settings?from=mail`);
});

/** An account with two-factor authentication, whose code is 123456. */
function accountWithTwoFactor() {
  const asked: unknown[] = [];
  server.use(
    http.post("*/api/v1/auth/login", async ({ request }) => {
      const given = (await request.json()) as { code: string | null };
      asked.push(given);
      if (given.code === "123456") return HttpResponse.json({ user });
      return given.code === null
        ? fieldRefusal({ code: ["Is required."] }, 401, "second_factor_required")
        : fieldRefusal({ code: ["This code is not valid."] }, 401, "second_factor_wrong");
    }),
  );
  return asked;
}

test("an account with two-factor authentication is asked for a code after the password", async () => {
  const asked = accountWithTwoFactor();
  const person = openDashboard("/login");
  expect(screen.queryByLabelText("Code")).not.toBeInTheDocument();
  await signIn(person);
  const code = await screen.findByLabelText("Code");
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  await person.type(code, " 123456 ");
  await person.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByRole("heading", { name: "Projects" })).toBeVisible();
  const credentials = { email: "owner@example.org", password: "a password" };
  expect(asked).toEqual([
    { ...credentials, code: null },
    { ...credentials, code: "123456" },
  ]);
});

test("the error of a wrong code is shown at its field, and another can be entered", async () => {
  accountWithTwoFactor();
  const person = openDashboard("/login");
  await signIn(person);
  await person.type(await screen.findByLabelText("Code"), "000000");
  await person.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => {
    expect(screen.getByLabelText("Code")).toHaveAccessibleDescription(/This code is not valid/);
  });
  expect(screen.getByLabelText("Code")).toHaveValue("");
  await person.type(screen.getByLabelText("Code"), "123456");
  await person.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByRole("heading", { name: "Projects" })).toBeVisible();
});

test("the code step leads back to another account", async () => {
  accountWithTwoFactor();
  const person = openDashboard("/login");
  await signIn(person);
  await person.click(await screen.findByRole("button", { name: "Use another account" }));
  expect(screen.getByLabelText("E-mail")).toBeVisible();
});

test("single sign-on leads to the provider, and back to the page that was asked for", async () => {
  server.use(
    http.get("*/api/v1/auth/registration", () =>
      HttpResponse.json({ registration: "closed", sign_in_with: "Studio login" }),
    ),
    http.get("*/api/v1/auth/me", () => refusal(401, "Sign in.")),
  );
  openDashboard("/p/7/settings");
  expect(await screen.findByRole("link", { name: "Sign in with Studio login" })).toHaveAttribute(
    "href",
    "/api/v1/auth/oidc/start?next=%2Fp%2F7%2Fsettings",
  );
});

test("a person who comes back from the provider without a session is told why", async () => {
  openDashboard("/login?sign_in=no_account");
  expect(await screen.findByRole("alert")).toHaveTextContent("You have no account here and no invitation to create one.");
});
