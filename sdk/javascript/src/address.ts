/** Return the page's address without the fragment, which may hold secrets and is no page of its own. */
export function address(): string {
  return location.origin + location.pathname + location.search;
}
