import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { installCheck, server } from "../../support/server";

const PLATFORMS = ["HTML", "React", "Next.js", "Vue", "Node.js", "Python", "Unity", "Godot", "C#", "curl", "PostHog", "Segment", "Google Analytics"];

test("every platform has code with the project's key and this installation's address", async () => {
  const person = openDashboard("/p/7/install");
  const platforms = await screen.findByRole("group", { name: "Platforms" });
  expect(within(platforms).getAllByRole("button").map((button) => button.textContent)).toEqual(PLATFORMS);
  for (const name of PLATFORMS) {
    await person.click(within(platforms).getByRole("button", { name }));
    const code = screen.getByRole("region", { name });
    expect(code).toHaveTextContent("pk_public");
    expect(code).toHaveTextContent(window.location.origin.replace(/^https?:\/\//, ""));
  }
  expect(screen.getByTestId("address")).toHaveTextContent("/p/7/install?platform=ga");
  await person.click(screen.getByTestId("back"));
  expect(screen.getByRole("region", { name: "Segment" })).toBeVisible();
});

test("the check says what has arrived, from where", async () => {
  const latest = {
    event_name: "page_view",
    received_at: "2026-10-25T00:29:55+00:00",
    host: "reef.example",
    browser: "Chrome",
    source: "web",
    country: null,
  };
  server.use(http.get("*/api/v1/analytics/7/install-check", () => HttpResponse.json({ ...installCheck, latest: [latest] })));
  openDashboard("/p/7/install");
  expect(await screen.findByText("Received page_view from reef.example, Chrome, 7 s ago")).toBeVisible();
});

test("refused events say why, and a wrong key is recognised", async () => {
  const refused = [
    {
      reason: "request_refused",
      events: 2,
      event_name: "",
      detail: "Pages of this origin may not send events to this project.",
      last_seen: "2026-10-25T00:29:55+00:00",
    },
  ];
  server.use(
    http.get("*/api/v1/analytics/7/install-check", () =>
      HttpResponse.json({ ...installCheck, refused, allowed_origins: ["https://reef.example"] }),
    ),
  );
  const person = openDashboard("/p/7/install");
  expect(await screen.findByText("2 events refused in the last hour")).toBeVisible();
  expect(screen.getByText("Pages of this origin may not send events to this project.")).toBeVisible();
  expect(screen.getByText(/only pages of https:\/\/reef.example may send/)).toBeVisible();
  const key = screen.getByRole("textbox", { name: "Check a key" });
  await person.type(key, "pk_other");
  expect(screen.getByText("This is not the public key of this project.")).toBeVisible();
  await person.clear(key);
  await person.type(key, "sk_abcd-and-more");
  expect(screen.getByText(/looks like a secret key/)).toBeVisible();
  await person.clear(key);
  await person.type(key, " pk_public ");
  expect(screen.getByText("This is the public key of this project.")).toBeVisible();
});
