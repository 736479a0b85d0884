/**
 * Report what happens to the page of a game: opened, hidden, seen again, left.
 *
 * @import { Report } from "./connection.js"
 */

/** @param {Report} report */
export function appOpened(report) {
  const { userAgent, language } = navigator;
  report("app_opened", {
    browser: userAgent,
    language,
    screen_width: screen.width,
    screen_height: screen.height,
    viewport_width: innerWidth,
    viewport_height: innerHeight,
    pixel_ratio: devicePixelRatio,
    touch: navigator.maxTouchPoints > 0,
  });
}

/**
 * @param {Report} report
 * @param {() => number} gamesPlayed
 * @param {() => void} onHidden  Called after the event of a tab that went to the background.
 */
export function reportVisibility(report, gamesPlayed, onHidden) {
  let leaving = false;
  document.addEventListener("visibilitychange", () => {
    // A page that is left is hidden too; that is no change of tabs.
    if (leaving) return;
    const hidden = document.visibilityState === "hidden";
    report(hidden ? "tab_hidden" : "tab_visible", { games_played: gamesPlayed() });
    if (hidden) onHidden();
  });
  addEventListener("pagehide", () => {
    leaving = true;
    report("page_unload", { games_played: gamesPlayed(), seconds_on_page: Math.round(performance.now() / 1000) });
  });
  addEventListener("pageshow", () => {
    leaving = false;
  });
}
