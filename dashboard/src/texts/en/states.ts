/** What a page says while it has nothing to show, or only something old. */
export const states = {
  filteredBy: (filters: readonly string[]) => `Filtered by: ${filters.join("; ")}`,
  offline: "You are offline.",
  slowServer: "The server has not answered for 10 seconds. Figures on this page are of its last answers; they change by themselves once it answers.",
  offlineSince: (time: string) => `You are offline. Showing data from ${time}.`,
  stale: (time: string) => `Showing data from ${time}; reconnecting…`,
  stillCounting: "Still counting…",
};
