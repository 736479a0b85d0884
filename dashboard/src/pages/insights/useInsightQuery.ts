import { useNavigate, useSearchParams } from "react-router";
import type { Kind } from "../../api/insights";
import { fromBody, isObject, toBody, type Body, type InsightQuery } from "./insightQuery";

/** The address of a question: whoever opens it asks the same. `saved`: the insight it came from. */
export function insightPath(projectId: number, kind: Kind, body: Body, saved: number | null = null): string {
  const parameters = new URLSearchParams({ q: JSON.stringify(body), ...(saved === null ? {} : { saved: String(saved) }) });
  return `/projects/${projectId}/insights/${kind}?${parameters.toString()}`;
}

/** The question in the address, and the way to another one. */
export function useInsightQuery(projectId: number, kind: Kind) {
  const [parameters] = useSearchParams();
  const navigate = useNavigate();
  const saved = Number(parameters.get("saved") ?? "") || null;
  const question = fromBody(kind, bodyIn(parameters.get("q")));
  const change = (changes: Partial<InsightQuery>) => {
    void navigate(insightPath(projectId, kind, toBody(kind, { ...question, ...changes }), saved));
  };
  return { question, change, saved };
}

function bodyIn(text: string | null): Body {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    return isObject(found) ? found : {};
  } catch {
    return {};
  }
}
