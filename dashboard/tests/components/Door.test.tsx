import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { MemoryRouter, Route, Routes } from "react-router";
import { expect, test } from "vitest";
import { makeQueryClient } from "../../src/api/queryClient";
import type { FigureQuestion } from "../../src/api/figures";
import { Door } from "../../src/components/Door";
import { theme } from "../../src/theme";
import { openDashboard } from "../support/render";
import { personSummary, server } from "../support/server";

const HOSTILE = `<img src=x onerror="document.title='owned'">`;
const QUESTION: FigureQuestion = {
  kind: "trends",
  query: { series: [{ event: "purchase", metric: "unique_persons" }], period: "7d" },
  point: { date: "2026-10-24T00:00:00+03:00", value: "DE" },
};
const ADDRESS = `/p/7/settings?users=${encodeURIComponent(JSON.stringify({ title: "Buyers · Germany", ...QUESTION }))}`;

function showDoor(onFilter?: () => void) {
  const person = userEvent.setup({ delay: null });
  render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={makeQueryClient()}>
        <MemoryRouter initialEntries={["/p/7/web"]}>
          <Routes>
            <Route path="/p/:projectId/web" element={<Door figure="Buyers · Germany" question={QUESTION} onFilter={onFilter}>12</Door>} />
          </Routes>
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return person;
}

function answerWith(pages: Record<string, object[]>, total: number, asked: unknown[] = []) {
  server.use(
    http.post("*/api/v1/analytics/7/insights/trends/persons", async ({ request }) => {
      const body = (await request.json()) as { cursor: string | null };
      asked.push(body);
      const items = pages[body.cursor ?? ""] ?? [];
      return HttpResponse.json({
        from: "2026-10-24T00:00:00+03:00", to: "2026-10-25T00:00:00+03:00", timezone: "Europe/Helsinki",
        took_ms: 2, source: "sealed", cached: false, total, items, person_ids: [], next_cursor: body.cursor === null && pages["2"] ? "2" : null,
      });
    }),
  );
}

test("a figure opens a menu by keyboard, with the ways on", async () => {
  const person = showDoor(() => undefined);
  await person.tab();
  await person.keyboard("{Enter}");
  const menu = await screen.findByRole("menu");
  expect(within(menu).getAllByRole("menuitem").map((one) => one.textContent)).toEqual([
    "Users behind it", "Break down", "Filter to this", "Open in Explore", "Copy link",
  ]);
  const explore = new URL(within(menu).getByRole("menuitem", { name: "Open in Explore" }).getAttribute("href") ?? "", "http://x");
  expect(explore.pathname).toBe("/p/7/explore/trends");
  expect(JSON.parse(explore.searchParams.get("q") ?? "")).toEqual(QUESTION.query);
});

test("the users behind a figure are listed page by page, as many as it counts", async () => {
  const asked: unknown[] = [];
  answerWith({ "": [personSummary(1, { properties: { name: HOSTILE } })], "2": [personSummary(2)] }, 2, asked);
  const person = openDashboard(ADDRESS);
  const list = await screen.findByRole("dialog", { name: "Buyers · Germany" });
  expect(await within(list).findByText(/^2 users · Oct 24, 2026$/)).toBeVisible();
  expect(within(list).getByText(HOSTILE)).toBeVisible();
  expect(asked[0]).toMatchObject({ ...QUESTION.query, ...QUESTION.point, cursor: null });
  await person.click(within(list).getByRole("button", { name: "Show more users" }));
  expect(await within(list).findByText("2 of 2 shown")).toBeVisible();
  expect(within(list).getByRole("link", { name: /^user-2/ })).toHaveAttribute("href", "/p/7/people/2");
});

test("the users behind a figure become a cohort", async () => {
  answerWith({ "": [personSummary(1)] }, 1);
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/v1/analytics/7/cohorts/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ id: 3, name: "Buyers" }, { status: 201 });
    }),
  );
  const person = openDashboard(ADDRESS);
  await person.click(await screen.findByRole("button", { name: "Save as cohort" }));
  await person.click(await screen.findByRole("button", { name: "Save cohort" }));
  expect(await screen.findByText(/Saved as the cohort “Buyers · Germany”/)).toBeVisible();
  expect(sent).toMatchObject([{ name: "Buyers · Germany", figure: { kind: "trends", query: { ...QUESTION.query, ...QUESTION.point } } }]);
});

test("closing the list leaves the page as it was", async () => {
  answerWith({ "": [] }, 0);
  const person = openDashboard(ADDRESS);
  expect(await screen.findByText("Nobody is behind this figure.")).toBeVisible();
  await person.keyboard("{Escape}");
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent(/^\/p\/7\/settings$/);
  });
});

test("an address that names no figure shows no list", async () => {
  openDashboard(`/p/7/settings?users=${encodeURIComponent('{"title":"x","kind":"constructor","query":{}}')}`);
  expect(await screen.findByRole("heading", { level: 1 })).toBeVisible();
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
});
