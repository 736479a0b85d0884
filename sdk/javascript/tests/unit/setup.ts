import { afterEach, beforeEach, vi } from "vitest";

let removeListeners: () => void = () => undefined;

/** The page is gone: nothing of it runs any more, only storage stays. */
export function closePage(): void {
  vi.clearAllTimers();
  removeListeners();
}

/** Each test is a page of its own: fresh storage, clock, history and listeners. */
export function freshPages(): void {
  const original = { pushState: history.pushState.bind(history), replaceState: history.replaceState.bind(history) };

  beforeEach(() => {
    vi.useFakeTimers({ now: new Date("2026-03-01T12:00:00Z") });
    localStorage.clear();
    sessionStorage.clear();
    const onWindow = vi.spyOn(globalThis, "addEventListener");
    const onDocument = vi.spyOn(document, "addEventListener");
    removeListeners = () => {
      for (const [type, listener] of onWindow.mock.calls) removeEventListener(type, listener as EventListener);
      for (const [type, listener] of onDocument.mock.calls) document.removeEventListener(type, listener as EventListener);
    };
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    vi.spyOn(Math, "random").mockReturnValue(0);
  });

  afterEach(() => {
    closePage();
    Object.assign(history, original);
    history.replaceState(null, "", "/start?utm_source=mail#secret");
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
}
