import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { server } from "./server";

// Pages are loaded when they are first shown, figures each five seconds; a busy machine is slower.
configure({ asyncUtilTimeout: 20_000 });

// What browsers have and jsdom has not.
class NoResizeObserver implements ResizeObserver {
  observe() {
    // Nothing has a size here.
  }
  unobserve() {
    // See above.
  }
  disconnect() {
    // See above.
  }
}
vi.stubGlobal("ResizeObserver", NoResizeObserver);
window.matchMedia = (query) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as Partial<MediaQueryList> as MediaQueryList;
window.HTMLElement.prototype.scrollIntoView = () => undefined;
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
