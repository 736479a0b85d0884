import { useInfiniteQuery } from "@tanstack/react-query";
import { reportApi, type JsonOf } from "../requests/client";
import { unwrap } from "../requests/errors";
import { INSIGHT_KINDS, type InsightKind } from "../insights/insights";
import type { paths } from "../query.gen";
import { queryKeys } from "../cache/queryKeys";

type InsightPath = "/api/v1/analytics/{project_id}/insights/";

/** The kinds of insight whose figures lead to persons, the web report, and what happens now. */
export const FIGURE_KINDS = [
  "trends", "funnel", "retention", "stickiness", "lifecycle", "breakdown", "paths", "sessions", "revenue", "game", "web", "live",
] as const satisfies readonly (keyof { [Path in keyof paths as Path extends `${InsightPath}${infer Kind}/persons` ? Kind : never]: true })[];
export type FigureKind = (typeof FIGURE_KINDS)[number];

type Operation<Kind extends FigureKind> = paths[`${InsightPath}${Kind}/persons`]["post"];
type FigureBody<Kind extends FigureKind> = Operation<Kind>["requestBody"]["content"]["application/json"];
/** The fields of the query itself; the web report is no insight: it has a range and filters. */
type QueryField<Kind extends FigureKind> = `${InsightPath}${Kind}` extends infer Path extends keyof paths
  ? paths[Path] extends { post: { requestBody: { content: { "application/json": infer Body } } } }
    ? keyof Body
    : never
  : "period" | "from" | "to" | "filters";

/** Which figure of an insight: an interval, a series, a value of the breakdown, a step … */
export type FigurePoint<Kind extends FigureKind> = Partial<Omit<FigureBody<Kind>, QueryField<Kind> | "limit" | "cursor">>;

/** A figure: the kind and the body of an insight (what is left out has its default), and the point of it. */
export type FigureQuestion = { [Kind in FigureKind]: { kind: Kind; query: object; point?: FigurePoint<Kind> } }[FigureKind];

export type FigurePersons = JsonOf<Operation<"trends">>;
export type PersonSummary = FigurePersons["items"][number];

const PAGE_SIZE = 50;

/** What every report is of, as the bodies of insights have it. */
export interface ReportBody {
  period?: string;
  from?: string;
  to?: string;
  filters?: unknown;
}

/** The same of the query of a report that was asked for by GET. */
export function reportBody({ period, from, to, filters }: { period?: string | null; from?: string | null; to?: string | null; filters?: string | null }): ReportBody {
  return {
    ...(period ? { period } : {}),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    ...(filters ? { filters: JSON.parse(filters) as unknown } : {}),
  };
}

/** The body of the request for the persons behind a figure. */
export function figureBody({ query, point }: FigureQuestion): object {
  return { ...query, ...point };
}

/** The persons behind a figure, page by page; null: none is asked for. */
export function useFigurePersons(projectId: number, question: FigureQuestion | null) {
  const body = question === null ? null : figureBody(question);
  return useInfiniteQuery({
    queryKey: queryKeys.analytics(projectId, `insights/${question?.kind ?? ""}/persons`, body),
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { project_id: projectId } };
      const path = `/api/v1/analytics/{project_id}/insights/${question?.kind ?? ""}/persons` as const;
      const page = { ...body, limit: PAGE_SIZE, cursor: pageParam };
      return (await unwrap(reportApi.POST(path, { params, body: page, signal }))) as FigurePersons;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    enabled: question !== null,
  });
}

/** Fetch the CSV file of all persons behind a figure. */
export async function fetchFigureFile(projectId: number, question: FigureQuestion): Promise<Blob> {
  const params = { path: { project_id: projectId } };
  const path = `/api/v1/analytics/{project_id}/insights/${question.kind}/persons/export` as const;
  return unwrap<Blob>(reportApi.POST(path, { params, body: figureBody(question), parseAs: "blob" }));
}

/** Whether the insight of a figure has a page, which shows it by its query. */
export function hasInsightPage(kind: FigureKind): kind is InsightKind {
  return (INSIGHT_KINDS as readonly string[]).includes(kind);
}
