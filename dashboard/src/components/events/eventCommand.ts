import type { RecentEvent } from "../../api/requests/client";

/** The command that sends an event like this one again, as an event of its own. */
export function eventCommand(origin: string, publicKey: string | null, event: RecentEvent): string {
  const body = {
    event_name: event.event_name,
    distinct_id: event.distinct_id,
    ...(event.source === null ? {} : { source: event.source }),
    ...(event.page_url === null ? {} : { page_url: event.page_url }),
    properties: event.properties,
  };
  return [
    `curl ${origin}/api/v1/events/ingest`,
    `-H 'X-API-Key: ${publicKey ?? "pk_…"}'`,
    `-H 'Content-Type: application/json'`,
    `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
  ].join(" \\\n  ");
}
