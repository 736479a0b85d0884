// What the game tells Tidemark. The game works without it.

const DIRECTION_SAMPLE = 5;
let turns = 0;

/** Start the SDK with the project's public key: `?key=pk_…`, else what the server knows. */
export async function startAnalytics(source) {
  const key = new URLSearchParams(location.search).get("key") ?? (await configuredKey());
  if (!key) return false;
  window.tidemark.init({ key, source });
  track("app_opened", {
    browser: navigator.userAgent.slice(0, 200),
    language: navigator.language,
    screen_width: screen.width,
    screen_height: screen.height,
    touch: navigator.maxTouchPoints > 0,
  });
  watchPage();
  return true;
}

/** Record an event of the game. */
export function track(name, properties) {
  window.tidemark.event(name, properties);
}

/** Turns come by the hundred: every fifth is recorded, and says so. */
export function trackTurn(direction, score) {
  turns += 1;
  if (turns % DIRECTION_SAMPLE === 1) {
    track("direction_changed", { direction, score, sample_rate: 1 / DIRECTION_SAMPLE });
  }
}

/** Call back with the number of events that the server has taken. */
export function onDelivery(changed) {
  window.addEventListener("tidemark:delivery", () => {
    changed(window.tidemark.delivered().sent);
  });
}

function watchPage() {
  const opened = Date.now();
  document.addEventListener("visibilitychange", () => {
    track(document.visibilityState === "hidden" ? "tab_hidden" : "tab_visible", {});
  });
  window.addEventListener("pagehide", () => {
    track("page_unload", { seconds_on_page: Math.round((Date.now() - opened) / 1000) });
  });
}

async function configuredKey() {
  try {
    const answer = await fetch("/demo/config.json");
    return answer.ok ? (await answer.json()).public_key : null;
  } catch {
    return null;
  }
}
