import type { ReactNode } from "react";
import { Kpi } from "../../components/Kpi";
import type { Unit } from "../../format/units";
import { t } from "../../texts";

interface FigureProps {
  figure: keyof typeof t.game.figures;
  value: number | null;
  unit?: Unit;
  good?: "up" | "down";
  /** Wraps the figure into a `Door`. */
  door?: (text: string) => ReactNode;
}

/** A figure of a game, with its name and explanation. */
export function Figure({ figure, value, unit = "count", good = "up", door }: FigureProps) {
  const { name, explanation } = t.game.figures[figure];
  return <Kpi label={name} explanation={explanation} unit={unit} good={good} value={value} {...(door ? { figure: door } : {})} />;
}

/** What amounts of a currency are counted in. Names of no real currency have no sign. */
export function moneyUnit(currency: string | null): Unit {
  return currency !== null && /^[A-Z]{3}$/.test(currency) ? { currency } : "count";
}
