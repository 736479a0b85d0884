import { useQuery } from "@tanstack/react-query";
import { queryApi, type JsonOf, type Report, type ReportQuery } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { paths } from "../query.gen";
import { lastOfReport, queryKeys } from "../cache/queryKeys";
import { fetchReport, refresh } from "../cache/useProjectQuery";

const VALUES_PATH = "/api/v1/analytics/{project_id}/web/{dimension}";
/** The most rows that the API returns at once. */
const MAX_PAGE_SIZE = 1_000;
type ValuesOperation = paths[typeof VALUES_PATH]["get"];

export type WebReport = Report<"web/">;
export type WebMetric = keyof WebReport["totals"];
export type WebQuery = ReportQuery<"web/">;
/** What visitors are listed by. */
export type WebDimension = ValuesOperation["parameters"]["path"]["dimension"];
export type WebValues = JsonOf<ValuesOperation>;
export type WebValue = WebValues["items"][number];
export type WebValuesQuery = NonNullable<ValuesOperation["parameters"]["query"]>;
export type WebSort = NonNullable<WebValuesQuery["sort"]>;

/** Visitors, visits and page views, in total and over time. */
export function useWebReport(projectId: number, query: WebQuery) {
  const queryKey = queryKeys.analytics(projectId, "web/", query);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => ({ asked: query, report: await fetchReport(projectId, "web/", query, signal) }),
    placeholderData: lastOfReport(queryKey),
    ...refresh(false),
  });
}

/** A page of the visitors by source, page, country … */
export function useWebValues(projectId: number, dimension: WebDimension, query: WebValuesQuery) {
  const queryKey = queryKeys.analytics(projectId, `web/${dimension}`, query);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => fetchWebValues(projectId, dimension, query, signal),
    placeholderData: lastOfReport(queryKey),
  });
}

/** Fetch a page of the visitors by source, page, country … once. */
function fetchWebValues(projectId: number, dimension: WebDimension, query: WebValuesQuery, signal?: AbortSignal): Promise<WebValues> {
  const params = { path: { project_id: projectId, dimension }, query };
  return unwrap(queryApi.GET(VALUES_PATH, { params, ...(signal ? { signal } : {}) }));
}

/** Fetch every page of that list. */
export async function fetchAllWebValues(projectId: number, dimension: WebDimension, query: WebValuesQuery): Promise<WebValues> {
  const first = await fetchWebValues(projectId, dimension, { ...query, limit: MAX_PAGE_SIZE, offset: 0 });
  const items = [...first.items];
  while (items.length < first.total) {
    const page = await fetchWebValues(projectId, dimension, { ...query, limit: MAX_PAGE_SIZE, offset: items.length });
    // The list can become shorter meanwhile.
    if (page.items.length === 0) break;
    items.push(...page.items);
  }
  return { ...first, items };
}
