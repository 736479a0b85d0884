import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";
import { openDashboard } from "../../support/render";
import { project, projectList, refusal, SECRET, secretKey, server } from "../../support/server";

test("a secret key is replaced only after asking, shown once, and copied whole", async () => {
  const rotations: unknown[] = [];
  server.use(
    http.post("*/api/v1/projects/7/keys/2/rotate", async ({ request }) => {
      rotations.push(await request.json());
      return HttpResponse.json({ ...secretKey, id: 3, key: SECRET });
    }),
  );
  const person = openDashboard("/p/7/settings/keys");
  const copied = vi.spyOn(navigator.clipboard, "writeText");
  await person.click(await screen.findByRole("button", { name: "Replace Secret key (sk_abcd…)" }));
  const question = await screen.findByRole("dialog", { name: "Replace Secret key?" });
  expect(rotations).toEqual([]);
  await person.click(within(question).getByRole("button", { name: "Replace key" }));
  const dialog = await screen.findByRole("dialog", { name: "New secret key" });
  expect(within(dialog).getByText(SECRET)).toBeVisible();
  await person.click(within(dialog).getByRole("button", { name: /^Copy: Secret key/ }));
  expect(copied).toHaveBeenCalledWith(SECRET);
  await person.keyboard("{Escape}");
  expect(screen.getByText(SECRET)).toBeVisible();
  await person.click(within(dialog).getByRole("button", { name: "I have copied it" }));
  await waitFor(() => {
    expect(document.body.innerHTML).not.toContain(SECRET);
  });
  // The old one works for a day, so that nothing that uses it stops at once.
  expect(rotations).toEqual([{ grace_hours: 24 }]);
});

test("a key that could not be replaced stays, and the cause is shown", async () => {
  server.use(http.post("*/api/v1/projects/7/keys/2/rotate", () => refusal(409, "This key was replaced already.")));
  const person = openDashboard("/p/7/settings/keys");
  await person.click(await screen.findByRole("button", { name: "Replace Secret key (sk_abcd…)" }));
  const question = await screen.findByRole("dialog");
  await person.click(within(question).getByRole("button", { name: "Replace key" }));
  expect(await within(question).findByRole("alert")).toHaveTextContent("This key was replaced already.");
});

test.each([
  ["viewer", "The list of keys is visible to members only."],
  ["member", "Only owners and admins of this project can do this. Your role: member."],
] as const)("a %s cannot create, replace or revoke keys, and is told who can", async (role, words) => {
  server.use(projectList([{ ...project, role }]));
  openDashboard("/p/7/settings/keys");
  expect(await screen.findByText(words, { exact: false })).toBeVisible();
  // What a page or app needs is there for everybody.
  expect(await screen.findByText("pk_public")).toBeVisible();
  expect(screen.queryByRole("button", { name: /^(New|Replace|Revoke)/ })).not.toBeInTheDocument();
});
