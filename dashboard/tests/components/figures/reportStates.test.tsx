import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { MemoryRouter, useLocation } from "react-router";
import { expect, test, vi } from "vitest";
import { ApiError } from "../../../src/api/requests/errors";
import { makeQueryClient } from "../../../src/api/cache/queryClient";
import { EmptyState } from "../../../src/components/states/EmptyState";
import { ReportContent } from "../../../src/components/figures/ReportContent";

const IDLE = { data: undefined, error: null, isFetching: false, isPlaceholderData: false, dataUpdatedAt: 0, refetch: vi.fn() };

function show(content: ReactNode, address = "/") {
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={makeQueryClient()}>
        <MemoryRouter initialEntries={[address]}>
          {content}
          <Address />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

function Address() {
  return <output data-testid="address">{useLocation().search}</output>;
}

const content = (result: Partial<Parameters<typeof ReportContent<number>>[0]["result"]>) => (
  <ReportContent<number> result={{ ...IDLE, ...result }} zone="UTC">
    {(figure) => <p>{`Figure ${figure}`}</p>}
  </ReportContent>
);

test("a failure keeps the last result and says of when it is", () => {
  show(content({ data: 5, dataUpdatedAt: Date.UTC(2026, 10, 26, 3, 12, 4), error: new ApiError(0, "Away.") }));
  expect(screen.getByText("Figure 5")).toBeVisible();
  expect(screen.getByText("Showing data from 03:12:04; reconnecting…")).toBeVisible();
});

test("a failure without a result can be tried again", async () => {
  const refetch = vi.fn();
  show(content({ error: new ApiError(503, "Away."), refetch }));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(refetch).toHaveBeenCalledOnce();
});

test("a refused request is not offered again", () => {
  show(content({ error: new ApiError(422, "Use a time after from.") }));
  expect(screen.getByText("Use a time after from.")).toBeVisible();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});

test("after 15 seconds a result that is on its way can be cancelled", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  try {
    const cancel = vi.fn();
    show(
      <ReportContent<number> result={{ ...IDLE, isFetching: true }} zone="UTC" cancel={cancel}>
        {(figure) => <p>{figure}</p>}
      </ReportContent>,
    );
    expect(screen.queryByText("Still counting…")).not.toBeInTheDocument();
    await vi.advanceTimersByTimeAsync(15_000);
    await userEvent.click(await screen.findByRole("button", { name: "Cancel" }));
    expect(cancel).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});

test("an empty report names the filter that may be the cause, and clears it", async () => {
  show(<EmptyState title="No visits in this period" isFiltered />, "/?f=country:is:Germany&match=any");
  expect(screen.getByText("Filtered by: country is Germany")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(screen.getByTestId("address")).toHaveTextContent("?period=30d");
  expect(screen.queryByText(/Filtered by/)).not.toBeInTheDocument();
});
