import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { openDashboard } from "../support/render";

test.each([
  ["/projects/7?period=30d", "/p/7?period=30d"],
  ["/projects/7/insights/funnel?q=%7B%7D&saved=3", "/p/7/explore/funnel?q=%7B%7D&saved=3"],
  ["/projects/7/settings/keys", "/p/7/settings/keys"],
])("%s of before leads to %s", async (former, current) => {
  openDashboard(former);
  await waitFor(() => {
    expect(screen.getByTestId("address")).toHaveTextContent(current);
  });
});
