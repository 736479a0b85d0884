import { createContext, useContext, useMemo } from "react";
import { FIGURE_KINDS, type FigureKind, type FigureQuestion } from "../../api/reports/figures";
import { readCondition, writeCondition } from "../../report/conditionText";
import type { Condition } from "../../report/filters";
import { useAddressState } from "../page/useAddressState";

/** The parameter of the address that holds the figure. */
export const FIGURE_PARAMETER = "users";

/** A figure whose persons are shown, and its name. */
export interface ShownFigure {
  title: string;
  question: FigureQuestion;
  /** Shows only what the figure stands for, as a filter of the page. */
  condition?: Condition | undefined;
}

/** The figure in the address. */
export function useShownFigure(): ShownFigure | null {
  const [text] = useAddressState(FIGURE_PARAMETER);
  return useMemo(() => parse(text), [text]);
}

/** What `ShowFigureProvider` provides. */
export const ShowFigure = createContext<((figure: ShownFigure | null) => void) | null>(null);

/**
 * The function that shows the persons of a figure (null: of none); Back undoes it.
 *
 * null: readers of a public link see figures, and nothing that is behind them.
 */
export function useShowFigure() {
  return useContext(ShowFigure);
}

/** The address of the page with the persons of a figure. */
export function figureAddress(address: string, figure: ShownFigure): string {
  const url = new URL(address);
  url.searchParams.set(FIGURE_PARAMETER, writeFigure(figure));
  return url.toString();
}

/** Write a figure as the address holds it. */
export function writeFigure({ title, question, condition }: ShownFigure): string {
  return JSON.stringify({ title, ...question, ...(condition ? { filter: writeCondition(condition) } : {}) });
}

/** Read a figure from the address, which anybody can write. */
function parse(text: string): ShownFigure | null {
  try {
    const parsed: unknown = JSON.parse(text || "null");
    if (!isObject(parsed)) return null;
    const { title, kind, query, point, filter } = parsed;
    if (typeof title !== "string" || !isKind(kind) || !isObject(query)) return null;
    // What the point may hold is checked by the server.
    const question = { kind, query, ...(isObject(point) ? { point } : {}) } as FigureQuestion;
    const condition = typeof filter === "string" ? readCondition(filter) : null;
    return { title, question, ...(condition === null ? {} : { condition }) };
  } catch {
    return null;
  }
}

function isKind(value: unknown): value is FigureKind {
  return (FIGURE_KINDS as readonly unknown[]).includes(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
