import type { ReportPath } from "../requests/client";

/** Return the path and the parameters with which the API is asked for a report. */
export function reportAddress(projectId: number, path: ReportPath, asked: object): string {
  const parameters = new URLSearchParams(
    Object.entries(asked).flatMap(([name, value]: [string, unknown]) => [value].flat().map((one) => [name, String(one)])),
  );
  return `/api/v1/analytics/${String(projectId)}/${path}?${parameters.toString()}`;
}
