/* eslint-disable local/no-literal-text -- code, which is the same in every language */

/** The call that tracks an event in a page with the SDK. */
export const EVENT_CALL = `tidemark.event("level_completed", { level: 3 })`;

/** The tag that loads the SDK. */
export function scriptTag(origin: string, publicKey: string): string {
  return `<script src="${origin}/static/sdk/sdk.min.js"\n        data-project="${publicKey}"></script>`;
}

/** The command that sends one event. */
export function curlCommand(origin: string, publicKey: string): string {
  return [
    `curl ${origin}/api/v1/events/ingest`,
    `-H 'X-API-Key: ${publicKey}'`,
    `-H 'Content-Type: application/json'`,
    `-d '{"event_name": "hello", "distinct_id": "me"}'`,
  ].join(" \\\n  ");
}
