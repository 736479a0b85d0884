import { useNavigate, useSearchParams } from "react-router";
import { projectAddress } from "../../../addresses";
import type { InsightKind } from "../../../api/insights";
import type { InsightQuery } from "./insightQuery";
import { isObject } from "../../../report/json";
import { parseBody, toBody, type Body } from "./queryBody";

/** The address of a query: opening it shows the same insight. `saved`: the id of the insight it came from. */
export function insightPath(projectId: number, kind: InsightKind, body: Body, saved: number | null = null): string {
  const parameters = new URLSearchParams({ q: JSON.stringify(body), ...(saved === null ? {} : { saved: String(saved) }) });
  return `${projectAddress(projectId, `/explore/${kind}`)}?${parameters.toString()}`;
}

/** The query in the address, and the function that changes it. */
export function useInsightQuery(projectId: number, kind: InsightKind) {
  const [parameters] = useSearchParams();
  const navigate = useNavigate();
  const saved = Number(parameters.get("saved") ?? "") || null;
  const query = parseBody(kind, bodyIn(parameters.get("q")));
  const change = (next: InsightQuery) => {
    const tables = parameters.get("tables");
    void navigate(insightPath(projectId, kind, toBody(next), saved) + (tables ? `&tables=${encodeURIComponent(tables)}` : ""));
  };
  return { query, change, saved };
}

function bodyIn(text: string | null): Body {
  try {
    const parsed: unknown = JSON.parse(text ?? "{}");
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
