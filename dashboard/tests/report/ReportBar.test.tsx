import { useQuery } from "@tanstack/react-query";
import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import type { ReactElement } from "react";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { queryKeys } from "../../src/api/cache/queryKeys";
import { ScrollRegion } from "../../src/components/tables/ScrollRegion";
import { ReportBar } from "../../src/report/ReportBar";
import { openBar } from "../support/reportBar";
import { project, server } from "../support/server";

beforeEach(() => {
  server.use(http.get("*/api/v1/analytics/7/definitions/properties", () => HttpResponse.json({ items: [] })));
});

const open = (at?: string, bar?: ReactElement) => openBar(at, bar).person;

const address = () => screen.getByTestId("address");

test("a filter is added by keyboard alone, and Back takes it away", async () => {
  const person = open("/?period=7d");
  await person.keyboard("/");
  await waitFor(() => {
    expect(screen.getByRole("combobox", { name: "Property" })).toHaveFocus();
  });
  await person.keyboard("country{Enter}");
  await person.type(screen.getByRole("combobox", { name: "Values" }), "DE,");
  await person.click(screen.getByRole("button", { name: "Apply" }));
  expect(address()).toHaveTextContent("?period=7d&f=country:is:DE");
  expect(screen.getByRole("button", { name: "Edit filter: country is Germany" })).toBeVisible();
  await person.click(address());
  expect(address()).toHaveTextContent(/^\?period=7d$/);
});

test("the value of a feature flag is offered as a property, before an event has it", async () => {
  server.use(
    http.get("*/api/v1/projects/7/feature-flags/", () => HttpResponse.json({ items: [{ id: 1, key: "new-checkout" }] })),
    http.get("*/api/v1/analytics/7/properties/:name/values", () => HttpResponse.json({ items: [], is_sample: false })),
  );
  const person = open("/?period=7d");
  await person.click(screen.getByRole("button", { name: "Filter" }));
  await person.type(await screen.findByRole("combobox", { name: "Property" }), "feature");
  await person.click(await screen.findByRole("option", { name: "$feature/new-checkout" }));
  await person.type(screen.getByRole("combobox", { name: "Values" }), "test,");
  await person.click(screen.getByRole("button", { name: "Apply" }));
  expect(screen.getByRole("button", { name: "Edit filter: $feature/new-checkout is test" })).toBeVisible();
});

test("values are offered with their counts, and countries are found by their names", async () => {
  server.use(
    http.get("*/api/v1/analytics/7/properties/:name/values", ({ params, request }) => {
      const values: Record<string, number> = params["name"] === "country" ? { FR: 900, DE: 403 } : { pro: 12_000, free: 7 };
      const search = new URL(request.url).searchParams.get("search") ?? "";
      return HttpResponse.json({
        items: Object.entries(values).flatMap(([value, count]) => (value.includes(search) ? [{ value, count }] : [])),
        is_sample: false,
      });
    }),
  );
  const person = open();
  await person.click(screen.getByRole("button", { name: "Filter" }));
  await person.type(await screen.findByRole("combobox", { name: "Property" }), "plan{Enter}");
  await person.type(screen.getByRole("combobox", { name: "Values" }), "pr");
  await waitFor(() => {
    expect(screen.queryByRole("option", { name: /free/ })).not.toBeInTheDocument();
  });
  await person.click(await screen.findByRole("option", { name: "pro 12K" }));
  await person.click(screen.getByRole("button", { name: "Apply" }));
  expect(address()).toHaveTextContent("&f=plan:is:pro");
  await person.click(screen.getByRole("button", { name: "Filter" }));
  await person.type(await screen.findByRole("combobox", { name: "Property" }), "country{Enter}");
  await screen.findByRole("option", { name: "Germany 403", hidden: true });
  await person.type(screen.getByRole("combobox", { name: "Values" }), "germ{Enter}");
  await person.click(screen.getByRole("button", { name: "Apply" }));
  expect(address()).toHaveTextContent("&f=plan:is:pro&f=country:is:DE");
});

test("paths of pages and domains of referrers are offered beside whole addresses", async () => {
  const person = open();
  await person.click(screen.getByRole("button", { name: "Filter" }));
  const field = await screen.findByRole("combobox", { name: "Property" });
  for (const name of ["page_path", "referrer_domain"]) {
    await person.clear(field);
    await person.type(field, name);
    expect(await screen.findByRole("option", { name, hidden: true })).toBeInTheDocument();
  }
});

test("a custom range whose end is before its start is refused at its field", async () => {
  const person = open();
  await person.click(screen.getByRole("button", { name: "Dates: Last 30 days" }));
  await person.type(await screen.findByLabelText("From"), "2026-11-20");
  await person.type(screen.getByLabelText("To"), "2026-11-10");
  await person.click(screen.getByRole("button", { name: "Apply" }));
  expect(screen.getByText("The end date must be after the start date.")).toBeVisible();
  expect(address()).toBeEmptyDOMElement();
  await person.clear(screen.getByLabelText("To"));
  await person.type(screen.getByLabelText("To"), "2026-11-26");
  await person.click(screen.getByRole("button", { name: "Apply" }));
  expect(address()).toHaveTextContent("?from=2026-11-20&to=2026-11-26");
  expect(screen.getByRole("button", { name: /^Dates: Nov 20\s–\s26, 2026$/ })).toBeVisible();
});

test("keys choose the period and the comparison, but not while somebody types", async () => {
  const person = open("/?from=2026-11-20&to=2026-11-26");
  await person.keyboard("{ArrowLeft}");
  expect(address()).toHaveTextContent("?from=2026-11-13&to=2026-11-19");
  await person.keyboard("wc");
  expect(address()).toHaveTextContent("?period=7d&compare=previous_period");
  await person.keyboard("/");
  await person.type(await screen.findByRole("combobox", { name: "Property" }), "dwmy");
  expect(address()).toHaveTextContent("?period=7d&compare=previous_period");
});

test("keys do nothing that the page does not show, and arrows scroll a table that has the focus and does not fit", async () => {
  let width = 801;
  Object.defineProperty(HTMLElement.prototype, "scrollWidth", { get: () => width, configurable: true });
  onTestFinished(() => {
    delete (HTMLElement.prototype as { scrollWidth?: number }).scrollWidth;
  });
  const person = open(
    "/?from=2026-11-20&to=2026-11-26",
    <>
      <ReportBar project={project} hide={["compare", "filters"]} />
      <ScrollRegion label="Table">Figures</ScrollRegion>
    </>,
  );
  await person.keyboard("c/");
  const table = screen.getByRole("group", { name: "Table" });
  table.focus();
  await person.keyboard("{ArrowLeft}");
  expect(address()).toHaveTextContent(/^\?from=2026-11-20&to=2026-11-26$/);
  // One that fits has no use for them.
  width = 800;
  await person.keyboard("{ArrowLeft}");
  expect(address()).toHaveTextContent(/^\?from=2026-11-13&to=2026-11-19$/);
});

test("the figures are asked for again by a button and by a key", async () => {
  let asked = 0;
  const Figures = () => <output>{useQuery({ queryKey: queryKeys.analytics(7, "figures"), queryFn: () => (asked += 1) }).data}</output>;
  const person = open(
    "/",
    <>
      <ReportBar project={project} />
      <Figures />
    </>,
  );
  expect(await screen.findByText("1")).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Refresh" }));
  expect(await screen.findByText("2")).toBeVisible();
  await person.keyboard("r");
  expect(await screen.findByText("3")).toBeVisible();
});

test("settings of a link that are not known are named", () => {
  open("/?period=bogus&f=country:is:DE");
  expect(screen.getByText(/does not know \(period\)/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Dates: Last 30 days" })).toBeVisible();
});
