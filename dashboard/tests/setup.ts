import "./support/texts";
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { server } from "./support/server";

// Pages are loaded when they are first shown, and live figures every five seconds; a busy machine is slower.
configure({ asyncUtilTimeout: 20_000 });

// Browsers have these, jsdom has not.
/** Every element is as large as a chart, and stays so. */
class OneSize implements ResizeObserver {
  constructor(private readonly report: ResizeObserverCallback) {}
  observe(target: Element) {
    const contentRect = { width: 800, height: 300 } as DOMRectReadOnly;
    this.report([{ target, contentRect } as ResizeObserverEntry], this);
  }
  unobserve() {
    // Nothing ever changes.
  }
  disconnect() {
    // See above.
  }
}
vi.stubGlobal("ResizeObserver", OneSize);

/** Everything is in view. */
class AllInView {
  constructor(private readonly report: (entries: { isIntersecting: boolean }[]) => void) {}
  observe() {
    this.report([{ isIntersecting: true }]);
  }
  unobserve() {
    // Nothing ever leaves.
  }
  disconnect() {
    // See above.
  }
}
vi.stubGlobal("IntersectionObserver", AllInView);
window.matchMedia = (media) => ({
  matches: false,
  media,
  onchange: null,
  /* eslint-disable @typescript-eslint/no-deprecated -- the type requires them */
  addListener: () => undefined,
  removeListener: () => undefined,
  /* eslint-enable @typescript-eslint/no-deprecated */
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  dispatchEvent: () => false,
});
window.HTMLElement.prototype.scrollIntoView = () => undefined;
window.scrollTo = () => undefined;
// ECharts asks the element for its size and a canvas for the width of a text.
Object.defineProperty(HTMLElement.prototype, "clientWidth", { get: () => 800, configurable: true });
Object.defineProperty(HTMLElement.prototype, "clientHeight", { get: () => 300, configurable: true });
HTMLCanvasElement.prototype.getContext = (() => null) as typeof HTMLCanvasElement.prototype.getContext;

beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
});
afterEach(() => {
  cleanup();
  server.resetHandlers();
  localStorage.clear();
});
afterAll(() => {
  server.close();
});
