import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { liveEvents, liveNow, recentEvent, server } from "../../support/server";

const stream = () => screen.findByRole("region", { name: "Events" });

function eventsAre(...names: string[]) {
  server.use(
    http.get("*/api/v1/analytics/7/live", ({ request }) => {
      const only = new URL(request.url).searchParams.get("event_name");
      return HttpResponse.json(liveNow(...names.filter((name) => only === null || name === only).map((name) => recentEvent(name))));
    }),
    http.get("*/api/v1/analytics/7/definitions/events", () =>
      HttpResponse.json({ items: names.map((name) => ({ name, hidden: false })), next_cursor: null }),
    ),
  );
}

test("users now, and where they are and come from", async () => {
  eventsAre("page_view");
  openDashboard("/p/7/live");
  await screen.findByText("with an event in the last 5 minutes");
  expect(screen.getByRole("region", { name: "Users now" })).toHaveTextContent(/^Users now2, Users now · .*: show userswith an event in the last 5 minutes/);
  expect(screen.getByRole("img", { name: /^Users per minute, the last 30 minutes: 0, 1, 2, 3, 0/ })).toBeVisible();
  expect(screen.getByRole("button", { name: "2 , Pages now · /pricing: show users" })).toBeVisible();
  expect(screen.getByRole("button", { name: "1 , Sources now · Direct / none: show users" })).toBeVisible();
  expect(screen.getByRole("button", { name: "2 , Countries now · Germany: show users" })).toBeVisible();
});

test("the stream shows only events of a chosen name, which the address keeps", async () => {
  eventsAre("page_view", "purchase");
  const person = openDashboard("/p/7/live");
  await within(await stream()).findByRole("button", { name: /page_view/ });
  await person.click(screen.getByRole("combobox", { name: "Filter by event" }));
  await person.click(await screen.findByRole("option", { name: "purchase" }));
  await waitFor(async () => {
    expect(within(await stream()).queryByRole("button", { name: /page_view/ })).not.toBeInTheDocument();
  });
  expect(within(await stream()).getByRole("button", { name: /purchase/ })).toBeVisible();
  expect(screen.getByTestId("address")).toHaveTextContent("/p/7/live?event=purchase");
});

test("a paused page shows no new events", async () => {
  eventsAre("first_event");
  const person = openDashboard("/p/7/live");
  await within(await stream()).findByRole("button", { name: /first_event/ });
  await person.click(screen.getByRole("button", { name: "Pause" }));
  eventsAre("second_event", "first_event");
  await new Promise((resolve) => setTimeout(resolve, 6_500));
  expect(within(await stream()).queryByRole("button", { name: /second_event/ })).not.toBeInTheDocument();
  expect(screen.getByText("Paused")).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Resume" }));
  await person.unhover(await stream());
  expect(await within(await stream()).findByRole("button", { name: /second_event/ })).toBeVisible();
}, 30_000);

test("an open event stays open when newer events push it out of the list", async () => {
  eventsAre("first_event");
  const person = openDashboard("/p/7/live");
  await person.click(await within(await stream()).findByRole("button", { name: /first_event/ }));
  await person.unhover(await stream());
  eventsAre("second_event");
  expect(await within(await stream()).findByRole("button", { name: /second_event/ }, { timeout: 9_000 })).toBeVisible();
  expect(within(await stream()).getByRole("button", { name: /first_event/ })).toHaveAttribute("aria-expanded", "true");
});

test("events are shown as they are stored, and none is missing after the connection broke", async () => {
  eventsAre("earlier_event");
  const opened: URL[] = [];
  server.use(
    liveEvents.addEventListener("connection", ({ client }) => {
      opened.push(client.url);
      client.send(JSON.stringify({ type: "hello", resume: "1-0" }));
      const number = opened.length;
      client.send(JSON.stringify({ type: "events", resume: `1-${number}`, skipped: 0, events: [recentEvent(`stored_${number}`)] }));
      if (number === 1) {
        setTimeout(() => {
          client.close(4401);
        }, 300);
      }
    }),
  );
  openDashboard("/p/7/live");
  expect(await within(await stream()).findByRole("button", { name: /stored_1/ })).toBeVisible();
  expect(await within(await stream()).findByRole("button", { name: /stored_2/ })).toBeVisible();
  expect(within(await stream()).getByRole("button", { name: /earlier_event/ })).toBeVisible();
  expect(opened.map((url) => url.searchParams.get("after"))).toEqual([null, "1-1"]);
  // The cookie opens it; a ticket does once the login's token is too old.
  expect(opened.map((url) => url.searchParams.get("ticket"))).toEqual([null, "a-ticket"]);
});
