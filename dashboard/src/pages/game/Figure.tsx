import type { FigureQuestion } from "../../api/reports/figures";
import { Door } from "../../components/figures/Door";
import { Kpi } from "../../components/figures/Kpi";
import type { Unit } from "../../format/units";
import { t } from "../../texts";

interface FigureProps {
  figure: keyof typeof t.game.figures;
  value: number | null;
  unit?: Unit;
  good?: "up" | "down";
  /** The users behind it; null: there are none. */
  question?: FigureQuestion | null;
}

/** A figure of a game, with its name and explanation. */
export function Figure({ figure, value, unit = "count", good = "up", question = null }: FigureProps) {
  const { name, explanation } = t.game.figures[figure];
  return (
    <Kpi
      label={name}
      explanation={explanation}
      unit={unit}
      good={good}
      value={value}
      figure={(text) => (
        <Door figure={name} question={value ? question : null}>
          {text}
        </Door>
      )}
    />
  );
}

/** What amounts of a currency are counted in. Names of no real currency have no sign. */
export function moneyUnit(currency: string | null): Unit {
  return currency !== null && /^[A-Z]{3}$/.test(currency) ? { currency } : "count";
}
