import type { SavedInsight } from "../../../api/requests/client";
import type { InsightKind } from "../../../api/insights/insights";
import { isInsightKind, type InsightQuery } from "../query/insightQuery";
import { breakdownAsTrends, parseBody, toBody, type Body } from "../query/queryBody";
import { isSameView, parseView, type View } from "../query/view";

/** A saved insight as its page opens it. */
export interface OpenInsight {
  kind: InsightKind;
  body: Body;
  view: View;
}

/** How the page opens a saved insight; null: its kind has no page here. */
export function openInsight({ kind, query, view }: Pick<SavedInsight, "kind" | "query" | "view">): OpenInsight | null {
  const own = parseView(view);
  if (kind === "breakdown") return { kind: "trends", body: breakdownAsTrends(query), view: { chart: "bars", ...own } };
  return isInsightKind(kind) ? { kind, body: query, view: own } : null;
}

/** A saved insight, and how its page opens it. */
export interface ListedInsight {
  insight: SavedInsight;
  open: OpenInsight;
}

/** The saved insights that have a page: favourites first, then those that were saved last. */
export function listInsights(insights: readonly SavedInsight[]): ListedInsight[] {
  return insights
    .flatMap((insight) => {
      const open = openInsight(insight);
      return open ? [{ insight, open }] : [];
    })
    .sort(({ insight: one }, { insight: other }) => Number(other.is_favourite) - Number(one.is_favourite) || other.updated_at.localeCompare(one.updated_at));
}

/** Whether a query or its view differ from what was saved. */
export function isEdited(insight: SavedInsight, query: InsightQuery, view: View): boolean {
  const saved = openInsight(insight);
  if (saved?.kind !== query.kind) return true;
  return !isSameView(saved.view, view) || text(parseBody(saved.kind, saved.body)) !== text(query);
}

function text(query: InsightQuery): string {
  return JSON.stringify(toBody(query, true));
}
