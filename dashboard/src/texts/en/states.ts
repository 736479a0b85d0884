/** What a page says while it has nothing to show, or only something old. */
export const states = {
  filteredBy: (filters: readonly string[]) => `Filtered by: ${filters.join("; ")}`,
  offline: "You are offline.",
  offlineSince: (time: string) => `You are offline. Showing data from ${time}.`,
  stale: (time: string) => `Showing data from ${time}; reconnecting…`,
  parts: { auth: "sign-in and settings", ingest: "receipt of events", processor: "storing of events", flags: "feature flags", live: "live views" },
  stillCounting: "Still counting…",
};
