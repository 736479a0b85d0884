import { useCallback, type ReactNode } from "react";
import { useAddressState } from "../page/useAddressState";
import { FIGURE_PARAMETER, ShowFigure, writeFigure, type ShownFigure } from "./figureAddress";

/** Lets the figures of a page lead to their users. One for a page: a table of retention has hundreds of them. */
export function ShowFigureProvider({ children }: { children: ReactNode }) {
  const [, setText] = useAddressState(FIGURE_PARAMETER);
  const show = useCallback(
    (next: ShownFigure | null) => {
      setText(next === null ? "" : writeFigure(next));
    },
    [setText],
  );
  return <ShowFigure value={show}>{children}</ShowFigure>;
}
