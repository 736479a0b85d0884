/**
 * Keyboard, mouse and touch, as what the player wants.
 *
 * @typedef {object} Wishes
 * @property {(control: string) => void} flap
 * @property {() => void} pause  Pause, or go on.
 * @property {(control: string) => void} start  Start, or start again.
 */

const FLAP_KEYS = new Set(["Space", "ArrowUp", "KeyW"]);

/**
 * @param {HTMLElement} frame  Where the player clicks or taps.
 * @param {Wishes} wishes
 */
export function listen(frame, wishes) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isOnControl(event)) return;
    if (FLAP_KEYS.has(event.code)) {
      event.preventDefault(); // or the page would scroll
      if (!event.repeat) wishes.flap("keyboard");
    } else if (event.repeat) {
      return;
    } else if (event.code === "KeyP") {
      wishes.pause();
    } else if (event.code === "Enter") {
      wishes.start("keyboard");
    }
  });
  frame.addEventListener("pointerdown", (event) => {
    if (isOnControl(event)) return;
    event.preventDefault();
    wishes.flap(event.pointerType === "mouse" ? "mouse" : "touch");
  });
}

/** Links and buttons keep their own keys and clicks. @param {Event} event */
function isOnControl(event) {
  return event.target instanceof Element && event.target.closest("a, button") !== null;
}
