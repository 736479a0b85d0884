import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { openDashboard } from "../support/render";

test.each([
  ["/projects/7?period=30d", "/p/7?period=30d"],
  ["/projects/7/insights/funnel?q=%7B%7D&saved=3", "/p/7/explore/funnel?q=%7B%7D&saved=3"],
  ["/projects/7/settings/keys", "/p/7/settings/keys"],
  ["/installation/accounts", "/admin"],
])("%s of before leads to %s", async (former, current) => {
  openDashboard(former);
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent(current);
  });
});

test.each(["/nowhere", "/p/7/nowhere", "/admin/nowhere"])("%s is not found, in the place of the whole page", async (address) => {
  openDashboard(address);
  expect(await screen.findByRole("heading", { level: 1, name: "Page not found" })).toBeVisible();
  expect(screen.getAllByRole("heading", { level: 1 })).toHaveLength(1);
});
