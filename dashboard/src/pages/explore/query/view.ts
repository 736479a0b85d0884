import { createContext, useCallback, useContext, useMemo } from "react";
import { useSearchParams } from "react-router";

/** How a result is shown: names of options and their values, as the address and saved insights hold them. */
export type View = Partial<Record<ViewOption, string>>;

/** `chart`: which chart. `scale`, `cumulative`, `values`: of trends. `day`: of the curve of retention. */
const VIEW_OPTIONS = ["chart", "scale", "cumulative", "values", "day"] as const;
type ViewOption = (typeof VIEW_OPTIONS)[number];

export const TRENDS_CHARTS = ["line", "area", "stacked", "columns", "stacked-columns", "bars", "map", "number", "table"] as const;
export type TrendsChart = (typeof TRENDS_CHARTS)[number];

export const FUNNEL_CHARTS = ["steps", "time", "trend"] as const;
/** Those that need no request but that of the funnel itself. */
export const FUNNEL_CHARTS_OF_ONE_ANSWER = ["steps", "time"] as const;

/** The value of an option, if it is one of those that there are; else the first. */
export function choiceOf<Choice extends string>(choices: readonly [Choice, ...Choice[]], value: string | undefined): Choice {
  return choices.find((choice) => choice === value) ?? choices[0];
}

/** Read a view from anything, for example from a saved insight. */
export function parseView(raw: Readonly<Record<string, unknown>>): View {
  const view: View = {};
  for (const option of VIEW_OPTIONS) {
    const value = raw[option];
    if (typeof value === "string" && value !== "") view[option] = value;
  }
  return view;
}

/** Whether two views show the same. */
export function isSameView(one: View, other: View): boolean {
  return VIEW_OPTIONS.every((option) => (one[option] ?? "") === (other[option] ?? ""));
}

/** The view of a result beside others, as on a dashboard: the address can hold the view of one only. */
export const ViewOfTile = createContext<[View, (changes: View) => void] | null>(null);

/** The view in the address or of the tile, and the function that changes options of it; "" takes one away. */
export function useView(): [View, (changes: View) => void] {
  const ofTile = useContext(ViewOfTile);
  const [parameters, setParameters] = useSearchParams();
  const view = useMemo(() => parseView(Object.fromEntries(parameters)), [parameters]);
  const change = useCallback(
    (changes: View) => {
      setParameters((before) => {
        const next = new URLSearchParams(before);
        for (const [option, value] of Object.entries(changes)) {
          if (value) next.set(option, value);
          else next.delete(option);
        }
        return next;
      });
    },
    [setParameters],
  );
  return ofTile ?? [view, change];
}
