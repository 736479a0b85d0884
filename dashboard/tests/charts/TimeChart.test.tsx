import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { TimeChart } from "../../src/charts/TimeChart";

const START = ["2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z"];

afterEach(() => {
  vi.restoreAllMocks();
});

function show() {
  render(
    <MantineProvider env="test">
      <TimeChart
        label="Users over time"
        name="Users"
        unit="count"
        interval="day"
        timezone="UTC"
        points={START.map((start, index) => ({ start, value: [80, 120, 30][index] ?? null }))}
        previous={START.map((_, index) => ({ start: `2026-11-${21 + index}T00:00:00Z`, value: 70 + index }))}
        openFrom={2}
        expected={{ value: 100, low: 90, high: 110 }}
        annotations={[{ id: 1, at: "2026-11-25T10:00:00Z", text: "Release <b>2</b>" }]}
      />
    </MantineProvider>,
  );
}

test("the figures of every interval are reached by the keyboard", async () => {
  const person = userEvent.setup();
  show();
  expect(screen.getByRole("img", { name: "Users over time" })).toBeVisible();
  const cursor = screen.getByRole("slider", { name: "Users by interval" });
  await person.click(cursor);
  await person.keyboard("{End}");
  expect(screen.getByRole("status")).toHaveTextContent("Users so far30Expected by its end100 (90 – 110)");
  expect(screen.getByRole("status")).toHaveTextContent("In progress");
  await person.keyboard("{ArrowLeft}");
  expect(cursor).toHaveAttribute("aria-valuetext", "Wed, Nov 25, 2026");
  expect(screen.getByRole("status")).toHaveTextContent("Users120");
  expect(screen.getByRole("status")).toHaveTextContent("Sun, Nov 22, 202671");
  // Names come from anybody: they are text.
  expect(screen.getByRole("status")).toHaveTextContent("1. Release <b>2</b>");
  await person.keyboard("{Escape}");
  expect(screen.queryByRole("status")).not.toBeInTheDocument();
});

test("the interval in progress is a hollow point and a dashed way up, never a fall", () => {
  show();
  expect(screen.getByText("Today")).toBeVisible();
  expect(screen.getByText("Peak 120 · Nov 25")).toBeVisible();
  const chart = screen.getByRole("img", { name: "Users over time" });
  const lines = [...chart.querySelectorAll("path[stroke]")].map((path) => path.getAttribute("d") ?? "");
  // The solid line has the two complete days only.
  expect(lines.some((line) => /^M[^ML]+L[^ML]+$/.test(line))).toBe(true);
  expect(chart.querySelectorAll("circle[fill='#ffffff']").length).toBeGreaterThan(0);
});

test("the first frame is as wide as the place of the chart, before an observer reports", () => {
  vi.spyOn(window.ResizeObserver.prototype, "observe").mockReturnValue(undefined);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(300);
  show();
  const [line] = screen.getByRole("img", { name: "Users over time" }).querySelectorAll("line");
  expect(Number(line?.getAttribute("x2"))).toBeGreaterThan(250);
  expect(Number(line?.getAttribute("x2"))).toBeLessThan(300);
});
