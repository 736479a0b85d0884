import { useQuery } from "@tanstack/react-query";
import { reportApi, type JsonOf, type Timeseries } from "./client";
import { unwrap } from "./errors";
import type { components, paths } from "./query.gen";
import { lastOfReport, queryKeys } from "./queryKeys";

type InsightPath = "/api/v1/analytics/{project_id}/insights/";
type AnyKind = keyof { [Path in keyof paths as Path extends `${InsightPath}${infer Kind}` ? Kind : never]: true };

/** The kinds of insight that have a page, in its order. */
export const INSIGHT_KINDS = [
  "trends", "funnel", "retention", "stickiness", "lifecycle", "breakdown", "paths",
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
export type ResultSource = Timeseries["source"];

export type LifecycleState = LifecycleResult["series"][number]["label"];

type Condition = Exclude<components["schemas"]["FilterPart"], { and: unknown } | { or: unknown }>;
export type Operator = NonNullable<Condition["operator"]>;
export type FilterScope = NonNullable<Condition["scope"]>;

/** The result of an insight. */
export type InsightResult<Kind extends InsightKind> = JsonOf<paths[`${InsightPath}${Kind}`]["post"]>;
export type TrendsResult = InsightResult<"trends">;
export type TrendsSeries = TrendsResult["series"][number];
export type FunnelResult = InsightResult<"funnel">;
export type FunnelStep = FunnelResult["steps"][number];
export type RetentionResult = InsightResult<"retention">;
export type StickinessResult = InsightResult<"stickiness">;
export type LifecycleResult = InsightResult<"lifecycle">;
export type BreakdownResult = InsightResult<"breakdown">;
export type PathsResult = InsightResult<"paths">;

/** The result of an insight, and the kind that tells its type. */
export type Insight = { [Kind in InsightKind]: { kind: Kind; result: InsightResult<Kind> } }[InsightKind];

/** Fetch an insight; `body` null: the query is not complete yet. */
export function useInsight(projectId: number, kind: InsightKind, body: object | null) {
  const queryKey = queryKeys.analytics(projectId, `insights/${kind}`, body);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId } };
      const result = await unwrap(
        reportApi.POST(`/api/v1/analytics/{project_id}/insights/${kind}`, { params, body: body ?? {}, signal }),
      );
      return { kind, result } as Insight;
    },
    enabled: body !== null,
    // The previous result stays, dimmed, while the next one is on its way.
    placeholderData: lastOfReport(queryKey),
  });
}

/** What `useInsight` returns. */
export type InsightQueryResult = ReturnType<typeof useInsight>;
