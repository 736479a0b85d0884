import { useMemo } from "react";
import { useSearchParams } from "react-router";
import type { WebQuery, WebValue, WebValues } from "../../api/reports/web";
import type { Condition } from "../../report/filters";
import { readReport, writeReport } from "../../report/reportState";
import { useReport, withCondition } from "../../report/useReport";

interface WebState {
  /** What the lists and figures are of. */
  query: WebQuery;
  /** Show only what has the value of a row; details are closed. */
  filterBy: (list: WebValues, row: Pick<WebValue, "value">) => void;
}

/** What the lists and figures of the Web page are of, and the function that filters them by a row. */
export function useWebQuery(): WebState {
  const { query, compare } = useReport();
  const [, setParameters] = useSearchParams();
  return useMemo(
    () => ({
      query: { ...query, compare: compare === "none" ? "previous_period" : compare },
      filterBy: (list, { value }) => {
        setParameters((before) => {
          const { state } = readReport(before);
          return withoutDetails(writeReport(before, { ...state, filters: withCondition(state.filters, conditionOf(list, value)) }));
        });
      },
    }),
    [query, compare, setParameters],
  );
}

/** The parameters of the address without those of the details of a list: which it is, what it is searched for and sorted by. */
export function withoutDetails(parameters: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(parameters);
  for (const name of ["details", "search", "sort"]) next.delete(name);
  return next;
}

/** The filter that only what has the value of a row passes. */
export function conditionOf({ property, scope }: WebValues, value: string | null): Condition {
  const of = { property, scope: scope === "session" ? ("session" as const) : ("event" as const) };
  return value === null ? { ...of, operator: "is_not_set", values: [] } : { ...of, operator: "is", values: [value] };
}
