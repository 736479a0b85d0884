import "./support/texts";
import "@testing-library/jest-dom/vitest";
import { cleanup, configure, getConfig } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { server } from "./support/server";

// Pages are loaded when they are first shown, and live figures every five seconds; a busy machine is slower.
configure({ asyncUtilTimeout: 20_000 });

/** The library sets this while it waits and asks again; its types leave it out. */
interface WaitingConfig {
  _disableExpensiveErrorDiagnostics?: boolean;
}
const describe = getConfig().getElementError;
configure({
  // Only what was waited for in vain prints the page: printing it at each attempt took a sixth of the time of all tests.
  getElementError: (message, container) =>
    (getConfig() as WaitingConfig)._disableExpensiveErrorDiagnostics === true ? new Error(message ?? "") : describe(message, container),
});

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

/** Requests that no handler answers. They are rejected, which a page shows as a failure of the network; so a test might pass with them. */
let unanswered: string[] = [];
server.events.on("request:unhandled", ({ request }) => {
  unanswered.push(`${request.method} ${request.url}`);
});

function expectAllAnswered() {
  const requests = unanswered;
  unanswered = [];
  if (requests.length > 0) throw new Error(`No handler answers: ${requests.join(", ")}. Add one to the test or to tests/support/server.`);
}

/** Some tests have a clock of their own. */
const later = setTimeout;

beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
});
afterEach(async () => {
  cleanup();
  // What the page has just asked for is answered by the test's own handlers, too.
  await new Promise((resolve) => later(resolve));
  server.resetHandlers();
  localStorage.clear();
  expectAllAnswered();
});
afterAll(() => {
  server.close();
  // What the last test's page asked for after its end.
  expectAllAnswered();
});
