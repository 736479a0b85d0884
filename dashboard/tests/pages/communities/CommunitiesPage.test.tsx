import { screen, within } from "@testing-library/react";
import { http } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { liveVisitors, project, projectList, refusal, server, visitorsAre } from "../../support/server";

function askedFor(asked: URL[], path: string): URLSearchParams {
  const url = asked.filter(({ pathname }) => pathname.endsWith(path)).at(-1);
  if (!url) throw new Error(`${path} was not asked for`);
  return url.searchParams;
}

test("figures, divisions, communities and countries of the days in the address", async () => {
  const { asked, handlers } = visitorsAre(120);
  server.use(...handlers);
  openDashboard("/p/7/web/communities?from=2026-10-24&to=2026-10-25");
  const figure = async (name: string) => screen.findByRole("region", { name });
  expect(await figure("Visitors")).toHaveTextContent("120");
  expect(await figure("Identified")).toHaveTextContent("30");
  expect(await figure("Share identified")).toHaveTextContent("25%");
  expect(await screen.findByText("4")).toBeVisible();
  expect(screen.getByRole("row", { name: "Quebec province 48 40%" })).toBeVisible();
  expect(screen.getByRole("row", { name: "province 48" })).toBeVisible();
  expect(screen.getByRole("row", { name: "Harbour town 20 11 7 2" })).toBeVisible();
  expect(screen.getByRole("row", { name: "Canada 66" })).toBeVisible();
  // The dates of the answer, both days included.
  expect(screen.getByText("Oct 24, 2026 – Oct 25, 2026")).toBeVisible();
  expect(askedFor(asked, "/visitors/").get("start_date")).toBe("2026-10-24");
  expect(askedFor(asked, "/visitors/").get("end_date")).toBe("2026-10-25");
  expect(askedFor(asked, "/community-visitors/").get("to")).toBe("2026-10-25");
  const csv = screen.getByRole("link", { name: "CSV by day" });
  expect(csv).toHaveAttribute("href", "/api/analytics/export/?project_id=7&start_date=2026-10-24&end_date=2026-10-25");
});

test("who is online is counted as they come, of the community that was chosen", async () => {
  const opened: (string | null)[] = [];
  server.use(
    ...visitorsAre(120).handlers,
    liveVisitors.addEventListener("connection", ({ client }) => {
      const community = client.url.searchParams.get("community_id");
      opened.push(community);
      client.send(JSON.stringify({ type: "visitor_count", count: community === null ? 31 : 17 }));
    }),
  );
  const person = openDashboard("/p/7/web/communities");
  expect(await within(await screen.findByRole("region", { name: "Online now" })).findByText("31")).toBeVisible();
  await person.click(screen.getByRole("combobox", { name: "Community" }));
  await person.click(await screen.findByRole("option", { name: "Harbour town" }));
  expect(await within(await screen.findByRole("region", { name: "Online now" })).findByText("17")).toBeVisible();
  expect(opened).toEqual([null, "harbour"]);
});

test("a period up to now has its growth", async () => {
  const { asked, handlers } = visitorsAre(120);
  server.use(...handlers);
  openDashboard("/p/7/web/communities?period=7d");
  const visitors = await screen.findByRole("region", { name: "Visitors" });
  expect(await within(visitors).findByText("+20%")).toBeVisible();
  expect(askedFor(asked, "/growth/").get("period")).toBe("week");
  const [start = "", end = ""] = ["start_date", "end_date"].map((name) => askedFor(asked, "/visitors/").get(name) ?? "");
  expect((Date.parse(end) - Date.parse(start)) / 86_400_000).toBe(6);
});

test("one community is chosen, and the figures are of it", async () => {
  const { asked, handlers } = visitorsAre(120);
  server.use(...handlers);
  const person = openDashboard("/p/7/web/communities");
  await screen.findByRole("region", { name: "Visitors" });
  await person.click(screen.getByRole("combobox", { name: "Community" }));
  await person.click(await screen.findByRole("option", { name: "Harbour town" }));
  expect(screen.getByTestId("address")).toHaveTextContent("community=harbour");
  expect(await screen.findByRole("link", { name: "CSV by day" })).toHaveAttribute("href", expect.stringContaining("community_id=harbour"));
  for (const path of ["/visitors/", "/trends/", "/division-breakdown/", "/demographics/", "/realtime/", "/growth/"]) {
    expect(askedFor(asked, path).get("community_id")).toBe("harbour");
  }
});

test("nobody, and a failure that is tried again", async () => {
  const { handlers } = visitorsAre(0);
  server.use(http.get("*/api/analytics/visitors/", () => refusal(503, "The database is busy.")), ...handlers);
  const person = openDashboard("/p/7/web/communities");
  expect(await screen.findByText("The visitors could not be counted", undefined, { timeout: 15_000 })).toBeVisible();
  server.use(...handlers);
  await person.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Nobody visited in these days.")).toBeVisible();
  expect(screen.getByRole("link", { name: "Enter divisions and communities" })).toHaveAttribute("href", "/p/7/settings/communities");
});

test("a viewer sees visitors; who is no member sees no such page", async () => {
  server.use(...visitorsAre(120).handlers, projectList([{ ...project, role: "viewer" }]));
  openDashboard("/p/7/web/communities");
  expect(await screen.findByRole("region", { name: "Visitors" })).toHaveTextContent("120");
});

test("the page of a project of others is not found", async () => {
  openDashboard("/p/8/web/communities");
  expect(await screen.findByText(/This page does not exist/)).toBeVisible();
});
