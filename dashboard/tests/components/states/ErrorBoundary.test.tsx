import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { makeQueryClient } from "../../../src/api/cache/queryClient";
import { ErrorBoundary } from "../../../src/components/states/ErrorBoundary";

let failure: Error | null = null;

function Page() {
  if (failure) throw failure;
  return <p>The page</p>;
}

function show() {
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={makeQueryClient()}>
        <ErrorBoundary>
          <Page />
        </ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

beforeEach(() => {
  // React reports what the boundary catches.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

test("a page that crashes shows the cause, and can be tried again", async () => {
  failure = new Error("The tide table is upside down");
  show();
  expect(screen.getByRole("alert")).toHaveTextContent("The tide table is upside down");
  failure = null;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(screen.getByText("The page")).toBeVisible();
});

test("a script that an update removed asks to reload the page", () => {
  failure = new TypeError("Failed to fetch dynamically imported module: /assets/OverviewPage-old.js");
  show();
  expect(screen.getByRole("alert")).toHaveTextContent("Tidemark was updated");
  expect(screen.getByRole("button", { name: "Reload" })).toBeVisible();
});
