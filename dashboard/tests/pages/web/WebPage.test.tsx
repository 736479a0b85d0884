import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openDashboard } from "../../support/render";
import { server, webHandlers, webReport, webValue, webValues } from "../../support/server";

beforeEach(() => {
  server.use(...webHandlers);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const card = (name: string) => screen.findByRole("region", { name });
const address = () => decodeURIComponent(screen.getByTestId("address").textContent);

test("figures are compared, and a click on one shows its chart", async () => {
  const person = openDashboard("/p/7/web");
  const visitors = await screen.findByRole("region", { name: "Visitors" });
  await waitFor(() => {
    expect(visitors).toHaveTextContent(/1,739, Visitors · .*: show users\+15\.9%, 1,500 in the previous period/);
  });
  const bounces = screen.getByRole("region", { name: "Bounce rate" });
  expect(bounces).toHaveTextContent(/40%, .*: show usersunchanged/);
  await person.click(within(bounces).getByRole("button", { name: "Bounce rate" }));
  expect(address()).toBe("/p/7/web?metric=bounce_rate");
  expect(await screen.findByRole("img", { name: /^Bounce rate over time/ })).toBeVisible();
  await person.click(screen.getByTestId("back"));
  expect(address()).toBe("/p/7/web");
});

test("a click on a row filters every list and figure by it", async () => {
  const asked: string[] = [];
  server.use(
    http.get("*/api/v1/analytics/7/web/", ({ request }) => {
      asked.push(new URL(request.url).searchParams.get("filters") ?? "");
      return HttpResponse.json(webReport);
    }),
  );
  const person = openDashboard("/p/7/web");
  await person.click(await within(await card("Countries")).findByRole("button", { name: "Filter by Germany" }));
  await person.click(within(await card("Sources")).getByRole("button", { name: "Filter by Direct / none" }));
  expect(address()).toBe("/p/7/web?period=30d&f=country:is:DE&f=@session:visit_source:is_not_set");
  await waitFor(() => {
    expect(JSON.parse(asked.at(-1) ?? "")).toEqual({
      and: [
        { property: "country", operator: "is", value: ["DE"] },
        { property: "visit_source", operator: "is_not_set", scope: "session" },
      ],
    });
  });
});

test("tabs that do not fit into the line are choices of a field, and stay in the address", async () => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(330);
  vi.spyOn(window.ResizeObserver.prototype, "observe").mockReturnValue(undefined);
  const person = openDashboard("/p/7/web");
  const sources = within(await card("Sources"));
  expect(sources.getAllByRole("tab").map(({ textContent }) => textContent)).toEqual(["Sources"]);
  await person.selectOptions(sources.getByRole("combobox", { name: "More lists beside Sources" }), "Campaigns");
  expect(address()).toBe("/p/7/web?sources=utm_campaign");
  expect(sources.getByRole("combobox")).toHaveDisplayValue("Campaigns");
  expect(sources.getByRole("tab", { name: "Sources" })).toHaveAttribute("aria-selected", "false");
  await person.click(sources.getByRole("tab", { name: "Sources" }));
  expect(address()).toBe("/p/7/web");
});

test("tabs are in the address, and reached by arrow keys", async () => {
  const person = openDashboard("/p/7/web");
  const pages = within(await card("Pages"));
  await person.click(pages.getByRole("tab", { name: "Pages" }));
  await person.keyboard("{ArrowRight}");
  expect(address()).toBe("/p/7/web?pages=entry_page");
  expect(pages.getByRole("tab", { name: "Entry pages" })).toHaveFocus();
  expect(await pages.findByText("Nothing to list in this period.")).toBeVisible();
});

test("on a phone, a field chooses from many lists, and tabs from few", async () => {
  const ask = window.matchMedia.bind(window);
  vi.spyOn(window, "matchMedia").mockImplementation((media) =>
    Object.assign(ask(media), { matches: media === "(max-width: 40em)" }),
  );
  const person = openDashboard("/p/7/web");
  const sources = within(await card("Sources"));
  expect(sources.queryByRole("tab")).toBeNull();
  await person.selectOptions(sources.getByRole("combobox", { name: "Sources" }), "Channels");
  expect(address()).toBe("/p/7/web?sources=channel");
  await person.selectOptions(sources.getByRole("combobox", { name: "Sources" }), "Sources");
  expect(address()).toBe("/p/7/web");
  expect(within(await card("Pages")).getAllByRole("tab")).toHaveLength(3);
});

test("a goal adds its conversion rates to the lists", async () => {
  server.use(
    http.get("*/api/v1/analytics/7/web/country", ({ request }) => {
      const has = new URL(request.url).searchParams.get("goal") === "3";
      return HttpResponse.json(webValues("country", [webValue("DE", has ? { conversions: 83, conversion_rate: 0.1 } : {})]));
    }),
  );
  const person = openDashboard("/p/7/web");
  await person.click(await screen.findByRole("button", { name: "Conversions of each row: Sign-up" }));
  expect(address()).toBe("/p/7/web?goal=3");
  await waitFor(async () => {
    expect(await card("Countries")).toHaveTextContent(/Germany830.*: show users10%/);
  });
  await person.click(screen.getByRole("button", { name: "Remove conversion rates" }));
  expect(address()).toBe("/p/7/web");
});

test("details are searched, sorted and paged by the server", async () => {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get("*/api/v1/analytics/7/web/page", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json(webValues("page", [webValue("/docs", { visits: null, events: 900 })], { total: 120, property: "page_path" }));
    }),
  );
  const person = openDashboard("/p/7/web");
  await person.click(await screen.findByRole("button", { name: "Details: Pages" }));
  const drawer = within(await screen.findByRole("dialog", { name: "Pages" }));
  expect(await drawer.findByText("1–50 of 120")).toBeVisible();
  await person.click(drawer.getByRole("button", { name: "Next page" }));
  await person.click(drawer.getByRole("button", { name: "Sort by Page views" }));
  await person.type(drawer.getByRole("searchbox", { name: "Search" }), "do");
  await waitFor(() => {
    expect(Object.fromEntries(asked.at(-1) ?? [])).toMatchObject({ sort: "events", search: "do", offset: "0", limit: "50" });
  });
  expect(asked.map((one) => one.get("offset"))).toContain("50");
  expect(address()).toBe("/p/7/web?details=page&sort=events&search=do");
  await person.click(drawer.getByRole("button", { name: "Filter by /docs" }));
  expect(address()).toBe("/p/7/web?period=30d&f=page_path:is:/docs");
});

test("an order that a list does not have is said, and mended by a button", async () => {
  server.use(
    http.get("*/api/v1/analytics/7/web/page", ({ request }) =>
      new URL(request.url).searchParams.get("sort") === "visits"
        ? HttpResponse.json({ code: "invalid_fields", message: "Wrong.", errors: { sort: ["Sort this list by one of: visitors, events."] } }, { status: 422 })
        : HttpResponse.json(webValues("page", [webValue("/docs", { visits: null, events: 900 })])),
    ),
  );
  const person = openDashboard("/p/7/web?details=page&sort=visits");
  const drawer = within(await screen.findByRole("dialog", { name: "Pages" }));
  expect(await drawer.findByRole("alert")).toHaveTextContent("Sort this list by one of: visitors, events.");
  await person.click(drawer.getByRole("button", { name: "Show by visitors" }));
  expect(await drawer.findByRole("button", { name: "Filter by /docs" })).toBeVisible();
  expect(address()).toBe("/p/7/web?details=page");
});

test("the command that asks the same has the period, the filters and the comparison", async () => {
  const person = openDashboard("/p/7/web?period=7d&f=country:is:DE");
  await person.click(await screen.findByRole("button", { name: /^Exact/ }));
  const command = await screen.findByRole("group", { name: "Ask the API the same" });
  expect(command).toHaveTextContent("/api/v1/analytics/7/web/?period=7d&filters=");
  expect(command).toHaveTextContent("&compare=previous_period");
});

test("the file of a list has all of its rows, also beyond the API's largest page", async () => {
  const saved: Blob[] = [];
  URL.createObjectURL = (blob) => {
    saved.push(blob as Blob);
    return "#file";
  };
  const pages = Array.from({ length: 1_203 }, (_, index) => webValue(`/page-${String(index)}`));
  server.use(
    http.get("*/api/v1/analytics/7/web/page", ({ request }) => {
      const { searchParams } = new URL(request.url);
      const [offset, limit] = [Number(searchParams.get("offset")), Math.min(1_000, Number(searchParams.get("limit")))];
      return HttpResponse.json(webValues("page", pages.slice(offset, offset + limit), { total: pages.length, property: "page_path" }));
    }),
  );
  const person = openDashboard("/p/7/web?details=page");
  await person.click(await within(await screen.findByRole("dialog", { name: "Pages" })).findByRole("button", { name: "Download CSV" }));
  await waitFor(() => {
    expect(saved).toHaveLength(1);
  });
  const lines = (await textOf(saved[0])).trim().split(/\r?\n/);
  expect(lines).toHaveLength(1 + pages.length);
  expect(lines.at(-1)).toContain("/page-1202");
});

test("a list that fails says so, the page says why, and the others stay", async () => {
  server.use(http.get("*/api/v1/analytics/7/web/country", () => HttpResponse.json({ code: "unavailable", message: "The database is busy." }, { status: 503 })));
  openDashboard("/p/7/web");
  expect(await within(await card("Countries")).findByRole("status")).toHaveTextContent("could not be loaded");
  expect(screen.getByText(/^The database is busy\./)).toBeVisible();
  expect(await within(await card("Sources")).findByText("google.com")).toBeVisible();
});

test("countries are on a map, and a click on one filters by it", async () => {
  server.use(http.get("*/assets/world.json", () => HttpResponse.json({ width: 10, height: 5, countries: { DE: "M0 0L1 1Z", FR: "M2 2L3 3Z" } })));
  const person = openDashboard("/p/7/web");
  const places = within(await card("Countries"));
  await person.click(places.getByRole("tab", { name: "Map" }));
  await person.click(await places.findByRole("button", { name: "Germany: 403" }));
  expect(address()).toBe("/p/7/web?places=map&period=30d&f=country:is:DE");
  expect(places.queryByRole("button", { name: /France/ })).toBeNull();
});

/** The text of a file, also in a DOM whose blobs have no text(). */
function textOf(file: Blob = new Blob()): Promise<string> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => {
      resolve(reader.result as string);
    };
    reader.readAsText(file);
  });
}
