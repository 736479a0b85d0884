import { cleanup, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../support/render";
import { refusal, server } from "../support/server";

test("signing out ends the session and shows the sign-in page", async () => {
  let ended = false;
  server.use(
    http.post("*/api/v1/auth/logout", () => {
      ended = true;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const person = openDashboard("/projects");
  await person.click(await screen.findByRole("button", { name: "Account owner@example.org" }));
  await person.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(await screen.findByRole("button", { name: "Sign in" })).toBeVisible();
  expect(ended).toBe(true);
});

test("a sign-out that fails is reported as such", async () => {
  server.use(http.post("*/api/v1/auth/logout", () => refusal(503, "Auth is away.")));
  const person = openDashboard("/projects");
  await person.click(await screen.findByRole("button", { name: "Account owner@example.org" }));
  await person.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(await screen.findByText(/Couldn't sign you out: Auth is away/)).toBeVisible();
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent("/projects");
  });
});

test("the density is chosen in the menu and kept in this browser", async () => {
  const person = openDashboard("/projects");
  await person.click(await screen.findByRole("button", { name: "Account owner@example.org" }));
  expect(await screen.findByRole("menuitemradio", { name: "Comfortable" })).toBeChecked();
  expect(document.documentElement).toHaveAttribute("data-density", "comfortable");
  await person.click(screen.getByRole("menuitemradio", { name: "Compact" }));
  expect(screen.getByRole("menuitemradio", { name: "Compact" })).toBeChecked();
  expect(document.documentElement).toHaveAttribute("data-density", "compact");

  cleanup();
  document.documentElement.removeAttribute("data-density");
  openDashboard("/projects");
  await screen.findByRole("button", { name: "Account owner@example.org" });
  expect(document.documentElement).toHaveAttribute("data-density", "compact");
});
