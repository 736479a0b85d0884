/* eslint-disable no-console -- the console is where the page's developer looks; visitors see nothing */

/** Log a warning for the page's developer; the page continues to work. */
export function logWarning(message: string): void {
  console.warn("[tidemark] " + message);
}

/** Log an invalid call, which was ignored, for the page's developer. */
export function logError(message: string): void {
  console.error("[tidemark] " + message);
}
