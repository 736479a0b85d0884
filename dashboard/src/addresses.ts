/** The address of a page of a project; `path` begins with a slash, or is "" for the project's first page. */
export function projectAddress(projectId: number | string, path = ""): string {
  return `/p/${projectId}${path}`;
}

/** The project in an address, and what comes after it: "/p/7/live" is ["7", "/live"]. */
export function splitProjectAddress(pathname: string): [id: string, path: string] | null {
  const [, id, path = ""] = /^\/p\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
  return id === undefined ? null : [id, path];
}
