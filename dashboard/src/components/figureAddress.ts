import { useCallback, useMemo } from "react";
import { FIGURE_KINDS, type FigureKind, type FigureQuestion } from "../api/figures";
import { useAddressState } from "./useAddressState";

const PARAMETER = "users";

/** A figure whose persons are shown, and its name. */
export interface ShownFigure {
  title: string;
  question: FigureQuestion;
}

/** The figure in the address, and the function that shows the persons of another one (null: of none). */
export function useShownFigure(): [ShownFigure | null, (figure: ShownFigure | null) => void] {
  const [text, setText] = useAddressState(PARAMETER);
  const figure = useMemo(() => parse(text), [text]);
  const show = useCallback(
    (next: ShownFigure | null) => {
      setText(next === null ? "" : write(next));
    },
    [setText],
  );
  return [figure, show];
}

/** The address of the page with the persons of a figure. */
export function figureAddress(address: string, figure: ShownFigure): string {
  const url = new URL(address);
  url.searchParams.set(PARAMETER, write(figure));
  return url.toString();
}

function write({ title, question }: ShownFigure): string {
  return JSON.stringify({ title, ...question });
}

/** Read a figure from the address, which anybody can write. */
function parse(text: string): ShownFigure | null {
  try {
    const parsed: unknown = JSON.parse(text || "null");
    if (!isObject(parsed)) return null;
    const { title, kind, query, point } = parsed;
    if (typeof title !== "string" || !isKind(kind) || !isObject(query)) return null;
    // What the point may hold is checked by the server.
    const question = { kind, query, ...(isObject(point) ? { point } : {}) } as FigureQuestion;
    return { title, question };
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
