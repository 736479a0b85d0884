import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import type { InvitationView } from "../../../src/api/requests/client";
import { openDashboard } from "../../support/render";
import { fieldRefusal, refusal, server, user } from "../../support/server";

const view: InvitationView = {
  email: "guest@example.org",
  role: "member",
  project_name: "Harbour",
  has_account: false,
  expires_at: "2026-11-28T00:00:00+00:00",
};
const guest = { ...user, id: 2, email: "guest@example.org", name: "guest", is_superuser: false };

/** Answer for an invitation, with `who` signed in, if anybody. Returns the bodies of the requests. */
function linkIsOpened(invitation: Partial<InvitationView>, who: typeof user | null = null) {
  const state = { who, asked: [] as unknown[] };
  const keep = async (request: Request) => state.asked.push(await request.json());
  server.use(
    http.get("*/api/v1/auth/me", () => (state.who ? HttpResponse.json(state.who) : refusal(401, "Sign in."))),
    http.post("*/api/v1/auth/invitations/look", () => HttpResponse.json({ ...view, ...invitation })),
    http.post("*/api/v1/auth/register", async ({ request }) => {
      await keep(request);
      state.who = guest;
      return HttpResponse.json({ user: guest }, { status: 201 });
    }),
    http.post("*/api/v1/auth/login", () => {
      state.who = guest;
      return HttpResponse.json({ user: guest });
    }),
    http.post("*/api/v1/auth/logout", () => {
      state.who = null;
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("*/api/v1/auth/invitations/accept", async ({ request }) => {
      await keep(request);
      return HttpResponse.json({ project_id: 7 });
    }),
  );
  return state;
}

test("an invited person without an account creates one, for the invited address only", async () => {
  const state = linkIsOpened({});
  const person = openDashboard("/invitation#the-token");
  expect(await screen.findByText("Harbour")).toBeVisible();
  expect(screen.getByLabelText("E-mail")).toHaveValue("guest@example.org");
  expect(screen.getByLabelText("E-mail")).toHaveAttribute("readonly");
  await person.type(screen.getByLabelText("Password"), "four words are enough{Enter}");
  expect(await screen.findByRole("heading", { name: "Projects" })).toBeVisible();
  expect(state.asked).toEqual([
    { email: "guest@example.org", name: "", password: "four words are enough", invitation: "the-token" },
  ]);
});

test("the error of a refused password is shown at its field", async () => {
  linkIsOpened({});
  server.use(http.post("*/api/v1/auth/register", () => fieldRefusal({ password: ["Too easy to guess."] })));
  const person = openDashboard("/invitation#the-token");
  await person.type(await screen.findByLabelText("Password"), "password123{Enter}");
  await waitFor(() => {
    expect(screen.getByLabelText("Password")).toHaveAccessibleDescription(/Too easy to guess/);
  });
});

test("an invited person with an account signs in, and joins the project", async () => {
  const state = linkIsOpened({ has_account: true });
  const person = openDashboard("/invitation#the-token");
  await person.type(await screen.findByLabelText("Password"), "a password{Enter}");
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("/p/7");
  });
  expect(state.asked).toEqual([{ token: "the-token" }]);
});

test("a person who is signed in joins with one click, and not without it", async () => {
  const state = linkIsOpened({ has_account: true }, guest);
  const person = openDashboard("/invitation#the-token");
  const join = await screen.findByRole("button", { name: "Join Harbour" });
  expect(state.asked).toEqual([]);
  await person.click(join);
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("/p/7");
  });
});

test("an invitation of somebody else is not accepted with this account", async () => {
  linkIsOpened({}, user);
  const person = openDashboard("/invitation#the-token");
  expect(await screen.findByText(/is for guest@example.org, but you are signed in as owner@example.org/)).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Sign out and continue" }));
  expect(await screen.findByRole("button", { name: "Create account" })).toBeVisible();
});

test("a link that was used or withdrawn says so, and links to the sign-in page", async () => {
  linkIsOpened({});
  server.use(http.post("*/api/v1/auth/invitations/look", () => refusal(404, "This invitation was used or withdrawn.", "invitation_not_valid")));
  openDashboard("/invitation#the-token");
  expect(await screen.findByRole("alert")).toHaveTextContent("This invitation was used or withdrawn.");
  expect(screen.getByRole("link", { name: "Sign in with an existing account" })).toHaveAttribute("href", "/login");
});

test("a link that was cut off says so", async () => {
  linkIsOpened({});
  openDashboard("/invitation");
  expect(await screen.findByText(/This invitation link is incomplete/)).toBeVisible();
});
