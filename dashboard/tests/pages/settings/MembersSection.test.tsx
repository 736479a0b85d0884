import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import type { Role } from "../../../src/api/requests/client";
import { openDashboard } from "../../support/render";
import { fieldRefusal, invitation, members, project, projectList, refusal, server } from "../../support/server";

const LINK = "https://tidemark.example.org/invitation#shown-once";

test("an invitation's link is shown once, and leaves only by the button", async () => {
  let asked: unknown;
  server.use(
    http.post("*/api/v1/projects/7/invitations/", async ({ request }) => {
      asked = await request.json();
      return HttpResponse.json({ ...invitation, link: LINK }, { status: 201 });
    }),
  );
  const person = openDashboard("/p/7/settings/members");
  await person.click(await screen.findByRole("button", { name: "Invite" }));
  const form = await screen.findByRole("dialog", { name: "Invite to Harbour" });
  await person.type(within(form).getByLabelText("E-mail"), "guest@example.org");
  await person.click(within(form).getByRole("radio", { name: "Member" }));
  await person.click(within(form).getByRole("button", { name: "Create link" }));
  const shown = await screen.findByRole("dialog", { name: "Invitation for guest@example.org" });
  expect(within(shown).getByText(LINK)).toBeVisible();
  await person.keyboard("{Escape}");
  expect(screen.getByText(LINK)).toBeVisible();
  await person.click(within(shown).getByRole("button", { name: "I have copied it" }));
  await waitFor(() => {
    expect(document.body.innerHTML).not.toContain(LINK);
  });
  expect(asked).toEqual({ email: "guest@example.org", role: "member" });
});

test("the error of an address that cannot be invited is shown at its field", async () => {
  server.use(
    http.post("*/api/v1/projects/7/invitations/", () => fieldRefusal({ email: ["Is a member of this project already."] })),
  );
  const person = openDashboard("/p/7/settings/members");
  await person.click(await screen.findByRole("button", { name: "Invite" }));
  const form = await screen.findByRole("dialog");
  await person.type(within(form).getByLabelText("E-mail"), "reader@example.org{Enter}");
  await waitFor(() => {
    expect(within(form).getByLabelText("E-mail")).toHaveAccessibleDescription(/Is a member of this project already/);
  });
  expect(within(form).getByLabelText("E-mail")).toHaveFocus();
});

test("an invitation is withdrawn only after asking", async () => {
  let open = [invitation];
  server.use(
    http.get("*/api/v1/projects/7/invitations/", () => HttpResponse.json({ items: open })),
    http.delete("*/api/v1/projects/7/invitations/5", () => {
      open = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const person = openDashboard("/p/7/settings/members");
  await person.click(await screen.findByRole("button", { name: "Withdraw the invitation for guest@example.org" }));
  expect(open).toHaveLength(1);
  await person.click(await screen.findByRole("button", { name: "Withdraw invitation" }));
  await waitFor(() => {
    expect(screen.queryByText("guest@example.org")).not.toBeInTheDocument();
  });
});

test("a member is removed only after asking, and a refusal shows its cause", async () => {
  let asked = 0;
  server.use(
    http.delete("*/api/v1/projects/7/members/2", () => {
      asked += 1;
      return refusal(403, "Only owners can do this.");
    }),
  );
  const person = openDashboard("/p/7/settings/members");
  await person.click(await screen.findByRole("button", { name: "Remove Reader" }));
  const question = await screen.findByRole("dialog", { name: "Remove Reader?" });
  expect(asked).toBe(0);
  await person.click(within(question).getByRole("button", { name: "Remove" }));
  expect(await within(question).findByRole("alert")).toHaveTextContent("Only owners can do this.");
});

test("a role is changed in the list", async () => {
  let asked: unknown;
  server.use(
    http.patch("*/api/v1/projects/7/members/2", async ({ request }) => {
      asked = await request.json();
      return HttpResponse.json({ ...members[1], role: "admin" });
    }),
  );
  const person = openDashboard("/p/7/settings/members");
  await person.click(await screen.findByRole("combobox", { name: "Role of Reader" }));
  await person.click(await screen.findByRole("option", { name: /^Admin/ }));
  await waitFor(() => {
    expect(asked).toEqual({ role: "admin" });
  });
});

test("the only owner can neither leave nor change their role, and is told why", async () => {
  openDashboard("/p/7/settings/members");
  expect(await screen.findByText(/the only owner: make somebody else an owner before you leave/)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Leave Harbour" })).not.toBeInTheDocument();
  expect(screen.queryByRole("combobox", { name: "Role of Owner" })).not.toBeInTheDocument();
});

test.each(["viewer", "member"] satisfies Role[])("a %s sees the members of the project, and no controls", async (role) => {
  server.use(projectList([{ ...project, role }]));
  openDashboard("/p/7/settings/members");
  expect(await screen.findByText("reader@example.org")).toBeVisible();
  expect(screen.getByText(`Only owners and admins of this project can do this. Your role: ${role}.`)).toBeVisible();
  expect(screen.queryByRole("button", { name: /^(Invite|Remove|Withdraw)/ })).not.toBeInTheDocument();
  expect(screen.queryByRole("combobox", { name: /^Role/ })).not.toBeInTheDocument();
});

test("an admin cannot appoint owners", async () => {
  server.use(projectList([{ ...project, role: "admin" }]));
  const person = openDashboard("/p/7/settings/members");
  await person.click(await screen.findByRole("button", { name: "Invite" }));
  expect(within(await screen.findByRole("dialog")).getAllByRole("radio").map((radio) => radio.getAttribute("value"))).toEqual([
    "viewer",
    "analyst",
    "member",
    "admin",
  ]);
});
