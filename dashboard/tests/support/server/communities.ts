import { http, HttpResponse } from "msw";
import type { Community, Division } from "../../../src/api/reports/divisions";

const times = { created_at: "2026-01-01T00:00:00+00:00", updated_at: "2026-01-01T00:00:00+00:00" };
const meta = {
  from: "2026-10-24T00:00:00+03:00",
  to: "2026-10-26T00:00:00+02:00",
  timezone: "Europe/Helsinki",
  took_ms: 3,
  as_of: "2026-10-25T12:00:00+00:00",
  source: "rollup",
  sealed_days: 0,
};

export const quebec: Division = { id: "ca-qc", name: "Quebec", kind: "province", parent_id: null, country: "CA", region: "Quebec", ...times };
export const harbourTown: Community = { id: "harbour", name: "Harbour town", slug: "", division_id: "ca-qc", ...times };

/** The requests that pages of visitors have made, and their answers. */
export function visitorsAre(total: number) {
  const asked: URL[] = [];
  const answer = (path: string, body: object) =>
    http.get(`*/api/${path}`, ({ request }) => {
      asked.push(new URL(request.url));
      return HttpResponse.json(body);
    });
  const of = { community_id: "harbour", community_name: "Harbour town", division_id: "ca-qc" };
  const handlers = [
    answer("analytics/visitors/", {
      ...meta,
      total_visitors: total,
      authenticated_visitors: 30,
      anonymous_visitors: total - 30,
      conversion_rate: 25,
      total_page_views: 456,
      avg_page_views_per_visitor: 3.8,
    }),
    answer("analytics/growth/", { ...meta, growth_rate: 20, trend: "increasing", current_period: total, previous_period: 100 }),
    answer("analytics/trends/", { ...meta, labels: ["2026-10-24", "2026-10-25"], total: [80, 60], authenticated: [20, 15], anonymous: [60, 45] }),
    answer("analytics/division-breakdown/", [
      { division_id: "ca-qc", division_name: "Quebec", division_type: "province", count: 48, percentage: 40 },
    ]),
    answer("analytics/demographics/", { ...meta, by_division_type: { province: 48 }, top_countries: [{ name: "Canada", code: "CA", count: 66 }] }),
    answer("analytics/realtime/", { count: 4, timestamp: "2026-10-25T12:00:00Z" }),
    answer("v1/analytics/7/community-visitors/", {
      ...meta,
      items: [{ ...of, same_division_visitors: 11, cross_division_visitors: 7, unknown_division_visitors: 2, total_visitors: 20 }],
    }),
    answer("v1/analytics/7/communities/", { items: [harbourTown], next_cursor: null }),
    answer("v1/analytics/7/divisions/", { items: [quebec], next_cursor: null }),
  ];
  return { asked, handlers };
}
