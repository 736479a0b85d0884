import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { reportFilter, readReport, writeReport, type ReportRange, type ReportState } from "./reportState";
import type { Condition } from "./filters";

/** The range and the filters as the API's reports take them. */
export type ReportQueryParameters = ReportRange & {
  /** JSON. */
  filters?: string;
};

export interface Report extends ReportState {
  /** Change the choices; Back undoes it. */
  set: (changes: Partial<ReportState>) => void;
  /** Show only events with this value: a new filter, or one more value of the filter that there is. */
  addFilter: (condition: Condition) => void;
  /** The range and the filters as GET reports take them. */
  query: ReportQueryParameters;
  /** The same as insights take them. */
  body: ReportRange & { filters?: unknown };
  /** Names of the address's parameters whose values are not known and are not applied. */
  unknown: readonly string[];
}

/** What the report on the screen is of, which the address holds, and the function that changes it. */
export function useReport(): Report {
  const [parameters, setParameters] = useSearchParams();
  const { state, unknown } = useMemo(() => readReport(parameters), [parameters]);
  const set = useCallback(
    (changes: Partial<ReportState>) => {
      setParameters((before) => writeReport(before, { ...readReport(before).state, ...changes }));
    },
    [setParameters],
  );
  return useMemo(() => {
    const filter = reportFilter(state);
    return {
      ...state,
      unknown,
      set,
      addFilter: (condition) => {
        set({ filters: withCondition(state.filters, condition) });
      },
      query: { ...state.range, ...(filter === undefined ? {} : { filters: JSON.stringify(filter) }) },
      body: { ...state.range, ...(filter === undefined ? {} : { filters: filter }) },
    };
  }, [state, unknown, set]);
}

/** Add a condition, or its values to those of an equal one. */
export function withCondition(conditions: readonly Condition[], added: Condition): Condition[] {
  const at = conditions.findIndex(
    (one) => one.property === added.property && one.operator === added.operator && one.scope === added.scope,
  );
  const known = conditions[at];
  if (!known || !["is", "is_not", "contains", "not_contains"].includes(added.operator)) return [...conditions, added];
  const values = [...new Set([...known.values, ...added.values])];
  return conditions.map((one, index) => (index === at ? { ...known, values } : one));
}
