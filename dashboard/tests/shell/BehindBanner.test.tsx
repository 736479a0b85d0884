import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../support/render";
import { HEALTH, server } from "../support/server";

const health = (changes: object) => {
  server.use(http.get("*/api/v1/health/", () => HttpResponse.json({ ...HEALTH, ...changes })));
};

test("a page says how far storing is behind", async () => {
  health({ stream: { oldest_seconds: 14.4 } });
  openDashboard("/p/7/install");
  expect(await screen.findByText("Data is 14 s behind")).toBeVisible();
});

test("a page says that storing does not answer", async () => {
  health({ services: { processor: "unavailable: no answer" }, stream: {} });
  openDashboard("/p/7/install");
  expect(await screen.findByText("Not working: storing of events. Figures may be behind.")).toBeVisible();
});

test("pages outside of projects say what does not answer, too", async () => {
  health({ services: { auth: "unavailable: no answer", processor: "ok" } });
  openDashboard("/account");
  expect(await screen.findByText("Not working: sign-in and settings.")).toBeVisible();
});

test("nothing is said while events are stored as fast as ever", async () => {
  openDashboard("/p/7/install");
  expect(await screen.findByRole("heading", { level: 1 })).toBeVisible();
  await waitFor(() => {
    expect(screen.queryByText(/behind/)).not.toBeInTheDocument();
  });
});
