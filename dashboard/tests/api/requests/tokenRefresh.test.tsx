import { screen, waitFor } from "@testing-library/react";
import { delay, http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { keyMetrics, liveNow, movers, project, recentEvent, refusal, server, settings, user } from "../../support/server";

/** Accept only the newest access token, as the auth service does, and count the refreshes. */
function serverWithExpiredToken(refresh: () => Response | undefined) {
  const state = { refreshes: 0, fresh: false };
  const guarded = (answer: object) => () => (state.fresh ? HttpResponse.json(answer) : refusal(401, "Expired."));
  server.use(
    http.post("*/api/v1/auth/refresh", async () => {
      state.refreshes += 1;
      // Long enough for every request of a round to be refused before the new token is there.
      await delay(500);
      const refused = refresh();
      if (refused) return refused;
      state.fresh = true;
      return HttpResponse.json({ user });
    }),
    http.get("*/api/v1/auth/me", guarded(user)),
    http.get("*/api/v1/projects/", guarded({ items: [project], next_cursor: null })),
    http.get("*/api/v1/analytics/7/key-metrics", guarded(keyMetrics)),
    http.get("*/api/v1/analytics/7/movers", guarded(movers)),
    http.get("*/api/v1/analytics/7/live", guarded(liveNow(recentEvent("page_view")))),
  );
  return state;
}

async function figuresAreShown() {
  await waitFor(() => {
    expect(screen.getByRole("region", { name: "Events" })).toHaveTextContent("1.2M");
  });
}

test("an expired access token is refreshed without anybody noticing", async () => {
  const state = serverWithExpiredToken(() => undefined);
  openDashboard("/p/7");
  expect(await screen.findByRole("heading", { name: "Harbour" })).toBeVisible();
  expect(state.refreshes).toBe(1);
});

test("requests that fail together share one refresh, for a second would end the session", async () => {
  const state = serverWithExpiredToken(() => undefined);
  state.fresh = true;
  openDashboard("/p/7");
  await figuresAreShown();
  state.fresh = false;
  // Whoever comes back to the page asks for all its figures at once; all are refused.
  window.dispatchEvent(new Event("visibilitychange"));
  await waitFor(() => {
    expect(state.fresh).toBe(true);
  });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(state.refreshes).toBe(1);
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("a session that has ended leads to the sign-in page", async () => {
  const state = serverWithExpiredToken(() => refusal(401, "This session has ended."));
  openDashboard("/p/7?period=30d");
  expect(await screen.findByRole("button", { name: "Sign in" })).toBeVisible();
  expect(state.refreshes).toBeGreaterThan(0);
});

test("a session that ends while a page is open leads to the sign-in page too", async () => {
  const state = serverWithExpiredToken(() => refusal(401, "This session has ended."));
  state.fresh = true;
  openDashboard("/p/7");
  await figuresAreShown();
  state.fresh = false;
  expect(await screen.findByRole("button", { name: "Sign in" })).toBeVisible();
});

test("a failing auth service is reported, and does not end the session", async () => {
  serverWithExpiredToken(() => refusal(503, "Starting."));
  openDashboard("/projects");
  expect(await screen.findByText("Can't reach Tidemark")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Sign in" })).not.toBeInTheDocument();
});

test("after signing in again on the page, what was entered there is still there", async () => {
  const state = serverWithExpiredToken(() => refusal(401, "This session has ended."));
  state.fresh = true;
  server.use(
    http.post("*/api/v1/auth/login", () => {
      state.fresh = true;
      return HttpResponse.json({ user });
    }),
    http.get("*/api/v1/projects/7/settings", () => HttpResponse.json(settings)),
    http.patch("*/api/v1/projects/7/settings", () => (state.fresh ? HttpResponse.json(settings) : refusal(401, "Expired."))),
  );
  const person = openDashboard("/p/7/settings/limits");
  const field = await screen.findByRole("textbox", { name: "Events per minute" });
  await person.clear(field);
  await person.type(field, "12345");
  state.fresh = false;
  await person.click(screen.getAllByRole("button", { name: "Save" })[0] as HTMLElement);
  await person.type(await screen.findByLabelText("Password"), "a long password");
  await person.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => {
    expect(screen.queryByLabelText("Password")).not.toBeInTheDocument();
  });
  expect(screen.getByRole("textbox", { name: "Events per minute" })).toHaveValue("12,345");
});
