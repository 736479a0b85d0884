import type { FigureQuestion } from "../../api/reports/figures";
import { Door } from "../../components/figures/Door";
import { Kpi } from "../../components/figures/Kpi";
import type { Unit } from "../../format/units";
import { t } from "../../texts";

/** The figures of the period that a report is compared with, and the name of that period. */
export interface Before<Result> {
  result: Result;
  name: string;
}

interface FigureProps {
  figure: keyof typeof t.game.figures;
  value: number | null;
  unit?: Unit;
  good?: "up" | "down";
  /** undefined: nothing to compare with has been received. */
  previous?: { value: number | null; name: string } | undefined;
  /** The users behind it; null: there are none. */
  question?: FigureQuestion | null;
}

/** A figure of a game, with its name and explanation. */
export function Figure({ figure, value, unit = "count", good = "up", previous, question = null }: FigureProps) {
  const { name, explanation } = t.game.figures[figure];
  return (
    <Kpi
      label={name}
      explanation={explanation}
      unit={unit}
      good={good}
      value={value}
      previous={previous}
      figure={(text) => (
        <Door figure={name} question={value ? question : null}>
          {text}
        </Door>
      )}
    />
  );
}

/** Return one figure of the period before. */
export function valueBefore<Result>(before: Before<Result> | undefined, value: (result: Result) => number | null) {
  return before && { value: value(before.result), name: before.name };
}

/** Round a mean number of users: people count whole, and below ten to a tenth, so that few are not none. */
export function roundUsers(mean: number): number {
  return mean < 10 ? Math.round(mean * 10) / 10 : Math.round(mean);
}

/** What amounts of a currency are counted in. Names of no real currency have no sign. */
export function moneyUnit(currency: string | null): Unit {
  return currency !== null && /^[A-Z]{3}$/.test(currency) ? { currency } : "count";
}
