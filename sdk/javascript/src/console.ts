/* eslint-disable no-console -- the console is where the page's developer looks; visitors see nothing */

/** Tells the page's developer what went wrong while the page goes on. */
export function warn(message: string): void {
  console.warn("[tidemark] " + message);
}

/** Tells the page's developer of a call that was ignored because it is wrong. */
export function complain(message: string): void {
  console.error("[tidemark] " + message);
}
