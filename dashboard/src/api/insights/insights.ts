import { useQuery } from "@tanstack/react-query";
import { reportApi, type AnyReportPath, type JsonOf } from "../requests/client";
import { unwrap } from "../requests/errors";
import type { components, paths } from "../query.gen";
import { lastOfReport, queryKeys } from "../cache/queryKeys";

type InsightPath = "/api/v1/analytics/{project_id}/insights/";
type AnyKind = keyof { [Path in keyof paths as Path extends `${InsightPath}${infer Kind}` ? Kind : never]: true };

/** The kinds of insight that have a page, in its order. */
export const INSIGHT_KINDS = [
  "trends", "funnel", "retention", "paths", "lifecycle", "stickiness",
] as const satisfies readonly AnyKind[];
export type InsightKind = (typeof INSIGHT_KINDS)[number];

/** The body of the request for an insight. */
export type InsightBody<Kind extends InsightKind = InsightKind> =
  paths[`${InsightPath}${Kind}`]["post"]["requestBody"]["content"]["application/json"];

type Field<Kind extends InsightKind, Name extends keyof InsightBody<Kind>> = NonNullable<InsightBody<Kind>[Name]>;

export type InsightPeriod = Field<"trends", "period">;
export type Metric = NonNullable<Field<"trends", "series">[number]["metric"]>;
export type PathsBy = Field<"paths", "by">;
export type FunnelOrder = Field<"funnel", "order">;
export type FunnelWindowUnit = Extract<Field<"funnel", "window">, { unit: string }>["unit"];

export type LifecycleState = LifecycleResult["series"][number]["label"];

type Condition = Exclude<components["schemas"]["FilterPart"], { and: unknown } | { or: unknown }>;
export type Operator = NonNullable<Condition["operator"]>;
export type FilterScope = NonNullable<Condition["scope"]>;

/** The result of an insight. */
export type InsightResult<Kind extends AskedKind> = JsonOf<paths[`${InsightPath}${Kind}`]["post"]>;
export type TrendsResult = InsightResult<"trends">;
export type TrendsSeries = TrendsResult["series"][number];
export type FunnelResult = InsightResult<"funnel">;
export type FunnelStep = FunnelResult["steps"][number];
export type RetentionResult = InsightResult<"retention">;
export type StickinessResult = InsightResult<"stickiness">;
export type LifecycleResult = InsightResult<"lifecycle">;
export type PathsResult = InsightResult<"paths">;
export type GameResult = InsightResult<"game">;
export type RevenueResult = InsightResult<"revenue">;
export type SessionsResult = InsightResult<"sessions">;

/** The kinds with a page, and those that other pages ask for. */
export type AskedKind = InsightKind | "breakdown" | "game" | "revenue" | "sessions";

/** The result of an insight, the kind that tells its type, and the query that it answers. */
export type Answer<Kind extends AskedKind> = { [One in Kind]: { kind: One; result: InsightResult<One>; body: Record<string, unknown> } }[Kind];
export type Insight = Answer<InsightKind>;

/** The path of the request for an insight. */
export function insightAddress(projectId: number, kind: AskedKind): string {
  return `/api/v1/analytics/${projectId}/insights/${kind}`;
}

/** Fetch an insight; `body` null: the query is not complete yet. */
export function useInsight<Kind extends AskedKind>(projectId: number, kind: Kind, body: Record<string, unknown> | null) {
  const queryKey = queryKeys.analytics(projectId, `insights/${kind}`, body);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId } };
      const path: AnyReportPath = `/api/v1/analytics/{project_id}/insights/${kind}`;
      const result = await unwrap(reportApi.POST(path, { params, body: body ?? {}, signal }));
      return { kind, result, body: body ?? {} } as Answer<Kind>;
    },
    enabled: body !== null,
    // The previous result stays, dimmed, while the next one is on its way.
    placeholderData: lastOfReport(queryKey),
  });
}

/** What `useInsight` returns. */
export type InsightQueryResult = ReturnType<typeof useInsight<InsightKind>>;
