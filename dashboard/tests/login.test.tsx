import { screen, waitFor } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "./render";
import { fieldRefusal, project, refusal, server, user } from "./server";

async function logIn(person: UserEvent) {
  await person.type(await screen.findByLabelText("E-mail"), "owner@example.org");
  await person.type(screen.getByLabelText("Password"), "a password");
  await person.click(screen.getByRole("button", { name: "Log in" }));
}

function nobodyIsLoggedIn() {
  let isIn = false;
  server.use(
    http.get("*/api/v1/auth/me", () => (isIn ? HttpResponse.json(user) : refusal(401, "Log in."))),
    http.post("*/api/v1/auth/login", () => {
      isIn = true;
      return HttpResponse.json({ user });
    }),
  );
}

test("a wrong password is told, and the form stays", async () => {
  server.use(http.post("*/api/v1/auth/login", () => refusal(401, "The e-mail address or the password is wrong.")));
  const person = openDashboard("/login");
  await logIn(person);
  expect(await screen.findByRole("alert")).toHaveTextContent("The e-mail address or the password is wrong.");
  expect(screen.getByLabelText("E-mail")).toHaveValue("owner@example.org");
});

test("a server that is away is told as that, not as a wrong password", async () => {
  server.use(http.post("*/api/v1/auth/login", () => HttpResponse.error()));
  const person = openDashboard("/login");
  await logIn(person);
  expect(await screen.findByRole("alert")).toHaveTextContent("Tidemark does not answer");
});

test("a locked account learns how long to wait", async () => {
  server.use(
    http.post("*/api/v1/auth/login", () =>
      HttpResponse.json({ code: 429, message: "Too many attempts." }, { status: 429, headers: { "Retry-After": "60" } }),
    ),
  );
  const person = openDashboard("/login");
  await logIn(person);
  expect(await screen.findByRole("alert")).toHaveTextContent("Too many attempts. Wait 60 s");
});

test("an answer that is not Tidemark's is not read as one", async () => {
  server.use(http.post("*/api/v1/auth/login", () => new HttpResponse("<h1>Bad gateway</h1>", { status: 502 })));
  const person = openDashboard("/login");
  await logIn(person);
  expect(await screen.findByRole("alert")).toHaveTextContent("The server failed (502)");
});

test("after logging in one is where one wanted to go", async () => {
  nobodyIsLoggedIn();
  const person = openDashboard(`/projects/${project.id}/settings?from=mail`);
  await logIn(person);
  expect(await screen.findByRole("heading", { name: "Settings" })).toBeVisible();
  expect(screen.getByTestId("address")).toHaveTextContent(`/projects/${project.id}/settings?from=mail`);
});

test("logging out ends the session and shows the login", async () => {
  let ended = false;
  server.use(
    http.post("*/api/v1/auth/logout", () => {
      ended = true;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const person = openDashboard("/projects");
  await person.click(await screen.findByRole("button", { name: "Account owner@example.org" }));
  await person.click(await screen.findByRole("menuitem", { name: "Log out" }));
  expect(await screen.findByRole("button", { name: "Log in" })).toBeVisible();
  expect(ended).toBe(true);
});

test("a logout that did not reach the server is not called one", async () => {
  server.use(http.post("*/api/v1/auth/logout", () => refusal(503, "Auth is away.")));
  const person = openDashboard("/projects");
  await person.click(await screen.findByRole("button", { name: "Account owner@example.org" }));
  await person.click(await screen.findByRole("menuitem", { name: "Log out" }));
  expect(await screen.findByText(/You are still logged in: Auth is away/)).toBeVisible();
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("/projects");
  });
});

/** An account with two-factor sign-in: its login takes the code 123456. */
function accountWithTwoFactor() {
  const asked: unknown[] = [];
  server.use(
    http.post("*/api/v1/auth/login", async ({ request }) => {
      const given = (await request.json()) as { code: string | null };
      asked.push(given);
      if (given.code === "123456") return HttpResponse.json({ user });
      return fieldRefusal({ code: [given.code === null ? "A code is needed." : "This code is not valid."] }, 401);
    }),
  );
  return asked;
}

test("an account with two-factor sign-in is asked for a code, after its password", async () => {
  const asked = accountWithTwoFactor();
  const person = openDashboard("/login");
  expect(screen.queryByLabelText("Code")).not.toBeInTheDocument();
  await logIn(person);
  const code = await screen.findByLabelText("Code");
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  await person.type(code, " 123456 ");
  await person.click(screen.getByRole("button", { name: "Log in" }));
  expect(await screen.findByRole("heading", { name: "Projects" })).toBeVisible();
  const credentials = { email: "owner@example.org", password: "a password" };
  expect(asked).toEqual([
    { ...credentials, code: null },
    { ...credentials, code: "123456" },
  ]);
});

test("a wrong code is told at its field, and another can be entered", async () => {
  accountWithTwoFactor();
  const person = openDashboard("/login");
  await logIn(person);
  await person.type(await screen.findByLabelText("Code"), "000000");
  await person.click(screen.getByRole("button", { name: "Log in" }));
  await waitFor(() => {
    expect(screen.getByLabelText("Code")).toHaveAccessibleDescription(/This code is not valid/);
  });
  expect(screen.getByLabelText("Code")).toHaveValue("");
  await person.type(screen.getByLabelText("Code"), "123456");
  await person.click(screen.getByRole("button", { name: "Log in" }));
  expect(await screen.findByRole("heading", { name: "Projects" })).toBeVisible();
});

test("from the code there is a way back to another account", async () => {
  accountWithTwoFactor();
  const person = openDashboard("/login");
  await logIn(person);
  await person.click(await screen.findByRole("button", { name: "Another account" }));
  expect(screen.getByLabelText("E-mail")).toBeVisible();
});

test("where one can sign in elsewhere there is a way to it, and back to where one wanted to go", async () => {
  server.use(
    http.get("*/api/v1/auth/registration", () =>
      HttpResponse.json({ registration: "closed", sign_in_with: "Studio login" }),
    ),
    http.get("*/api/v1/auth/me", () => refusal(401, "Log in.")),
  );
  openDashboard("/projects/7/settings");
  expect(await screen.findByRole("link", { name: "Log in with Studio login" })).toHaveAttribute(
    "href",
    "/api/v1/auth/oidc/start?next=%2Fprojects%2F7%2Fsettings",
  );
});

test("who comes back from elsewhere without a login learns why", async () => {
  openDashboard("/login?sign_in=no_account");
  expect(await screen.findByRole("alert")).toHaveTextContent("You have no account here, and no invitation to make one.");
});
