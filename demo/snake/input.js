/**
 * Keyboard and swipes, as what the player wants.
 *
 * @import { Direction } from "./rules.js"
 * @typedef {object} Wishes
 * @property {(direction: Direction, control: string) => void} turn
 * @property {() => void} pause  Pause, or go on.
 * @property {(control: string) => void} start  Start, or start again.
 */

/** @type {Record<string, Direction>} */
const KEYS = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  KeyW: "up",
  KeyS: "down",
  KeyA: "left",
  KeyD: "right",
};
const SWIPE_PIXELS = 24;

/**
 * @param {HTMLElement} board  Where swipes are made.
 * @param {Wishes} wishes
 */
export function listen(board, wishes) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = KEYS[event.code];
    // Links and buttons keep their own keys; and without preventDefault the arrows would scroll.
    const onControl = event.target instanceof Element && event.target.closest("a, button") !== null;
    if (direction) {
      event.preventDefault();
      if (!event.repeat) wishes.turn(direction, "keyboard");
    } else if (onControl || event.repeat) {
      return;
    } else if (event.code === "KeyP" || event.code === "Space") {
      event.preventDefault();
      wishes.pause();
    } else if (event.code === "Enter") {
      wishes.start("keyboard");
    }
  });
  listenForSwipes(board, wishes);
}

/**
 * A swipe counts as soon as it is long enough, not when the finger leaves: the next one can follow at once.
 *
 * @param {HTMLElement} board
 * @param {Wishes} wishes
 */
function listenForSwipes(board, wishes) {
  /** @type {{ x: number, y: number } | null} */
  let from = null;
  board.addEventListener("pointerdown", (event) => {
    from = { x: event.clientX, y: event.clientY };
    board.setPointerCapture(event.pointerId);
  });
  board.addEventListener("pointermove", (event) => {
    if (!from) return;
    const x = event.clientX - from.x;
    const y = event.clientY - from.y;
    if (Math.hypot(x, y) < SWIPE_PIXELS) return;
    from = { x: event.clientX, y: event.clientY };
    const across = Math.abs(x) > Math.abs(y);
    wishes.turn(across ? (x > 0 ? "right" : "left") : y > 0 ? "down" : "up", "touch");
  });
  const end = () => {
    from = null;
  };
  board.addEventListener("pointerup", end);
  board.addEventListener("pointercancel", end);
}
