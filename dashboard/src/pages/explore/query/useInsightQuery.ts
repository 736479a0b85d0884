import { useMemo } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { projectAddress } from "../../../addresses";
import type { InsightKind } from "../../../api/insights/insights";
import { KEEPS_CHANGES } from "../../../components/forms/unsavedChanges";
import { parseFilter } from "../../../report/filters";
import { isObject } from "../../../report/json";
import { readReport, reportFilter, writeReport } from "../../../report/reportState";
import type { InsightQuery } from "./insightQuery";
import { parseBody, toBody, type Body } from "./queryBody";
import type { View } from "./view";

/** What of a query the bar of every report shows, and what its parameters of the address hold therefore. */
const OF_THE_BAR = ["period", "from", "to", "interval", "compare"] as const;

/** The address of a query: opening it shows the same insight. `saved`: the id of the insight it came from. */
export function insightPath(projectId: number, kind: InsightKind, body: Body, saved: number | null = null, view: View = {}): string {
  const parameters = withQuery(new URLSearchParams({ ...view, ...(saved === null ? {} : { saved: String(saved) }) }), parseBody(kind, body));
  return `${projectAddress(projectId, `/explore/${kind}`)}?${parameters.toString()}`;
}

/** The query in the address, and the function that changes it. */
export function useInsightQuery(kind: InsightKind) {
  const [parameters, setParameters] = useSearchParams();
  const saved = Number(parameters.get("saved") ?? "") || null;
  const query = useMemo(() => queryIn(kind, parameters), [kind, parameters]);
  const change = (next: InsightQuery) => {
    setParameters((before) => {
      const after = withQuery(before, next);
      // Series of another result.
      after.delete("hidden");
      return after;
    });
  };
  return { query, change, saved };
}

/** Open another insight, with the view of its own: one that was just saved, copied or reverted. */
export function useOpenInsight(projectId: number) {
  const navigate = useNavigate();
  return (kind: InsightKind, body: Body, saved: number | null, view: View, replace = false) => {
    void navigate(insightPath(projectId, kind, body, saved, view), { replace, state: KEEPS_CHANGES });
  };
}

/** The query of an address's `q`; nothing, if it is unreadable. */
export function bodyIn(parameters: URLSearchParams): Body {
  try {
    const parsed: unknown = JSON.parse(parameters.get("q") ?? "{}");
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

/** Whether an address has in its `q` what the bar shows, as addresses had before there was one, and as links from figures have. */
export function isFormerAddress(parameters: URLSearchParams): boolean {
  const body = bodyIn(parameters);
  const { conditions, segments } = parseFilter(body["filters"]);
  return OF_THE_BAR.some((name) => name in body) || conditions.length > 0 || segments.ids.length > 0;
}

function queryIn(kind: InsightKind, parameters: URLSearchParams): InsightQuery {
  const { state } = readReport(parameters);
  const body = bodyIn(parameters);
  const query = parseBody(kind, {
    ...body,
    ...state.range,
    ...(state.interval === null ? {} : { interval: state.interval }),
    ...(state.compare === "none" ? {} : { compare: state.compare }),
    filters: reportFilter(state),
  });
  // The bar shows conditions only; any other filter is in `q`.
  return { ...query, filters: { ...query.filters, foreign: body["filters"] ?? null } };
}

/** Write a query into the parameters of an address, beside whatever else they hold. */
function withQuery(before: URLSearchParams, query: InsightQuery): URLSearchParams {
  const { state } = readReport(before);
  const { conditions, matchAll, foreign, segments } = query.filters;
  const next = writeReport(before, {
    ...state,
    range: query.period === null ? { from: query.from, to: query.to } : { period: query.period },
    interval: "interval" in query ? query.interval : state.interval,
    compare: "compare" in query ? query.compare : state.compare,
    filters: conditions,
    matchAll,
    segments,
  });
  const body = toBody(query);
  const rest = Object.entries(body).filter(([name]) => name !== "filters" && !OF_THE_BAR.some((one) => one === name));
  next.set("q", JSON.stringify({ ...Object.fromEntries(rest), ...(foreign === null ? {} : { filters: foreign }) }));
  return next;
}
