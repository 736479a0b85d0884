import { render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { ScrollRegion } from "../../../src/components/tables/ScrollRegion";

let content = { width: 800, height: 300 };
// In this simulated browser each element has room for 800 by 300 pixels.
Object.defineProperty(HTMLElement.prototype, "scrollWidth", { get: () => content.width, configurable: true });
Object.defineProperty(HTMLElement.prototype, "scrollHeight", { get: () => content.height, configurable: true });

afterEach(() => {
  content = { width: 800, height: 300 };
});

test("the Tab key stops at a region only while its content is wider or higher than its place", () => {
  const region = (text: string) => <ScrollRegion label="Table">{text}</ScrollRegion>;
  const { rerender } = render(region("fits"));
  const tabStop = () => screen.getByRole("group", { name: "Table" }).tabIndex;
  expect(tabStop()).toBe(-1);
  content = { width: 801, height: 300 };
  rerender(region("wider"));
  expect(tabStop()).toBe(0);
  content = { width: 800, height: 300 };
  rerender(region("fits again"));
  expect(tabStop()).toBe(-1);
  content = { width: 800, height: 301 };
  rerender(region("higher"));
  expect(tabStop()).toBe(0);
});
