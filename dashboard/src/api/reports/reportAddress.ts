import type { ReportPath } from "../requests/client";

/** Return the path and the parameters with which the API is asked for a report. */
export function reportAddress(projectId: number, path: ReportPath, asked: object): string {
  const parameters = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]));
  return `/api/v1/analytics/${String(projectId)}/${path}?${parameters.toString()}`;
}
