import type { ReactNode } from "react";
import type { FigureQuestion } from "../../api/reports/figures";
import type { Condition } from "../../report/filters";
import { t } from "../../texts";
import classes from "./Door.module.css";
import { useShowFigure } from "./figureAddress";

interface DoorProps {
  /** What the figure is, as the heading of the list of its users: "Unique users · 3 Nov". */
  figure: string;
  /** The insight that the figure stands in, and the point of it; null: nobody is behind it. */
  question: FigureQuestion | null;
  /** Shows only what the figure stands for, as a filter of the page. */
  condition?: Condition | undefined;
  /** The figure as it is shown. */
  children: ReactNode;
}

/** A figure that leads to its users, whose list leads on: to a breakdown, Explore, a dashboard, a link. */
export function Door({ figure, question, condition, children }: DoorProps) {
  const show = useShowFigure();
  if (show === null || question === null) return <>{children}</>;
  return (
    // Plain elements: a table of retention has hundreds of doors.
    <button
      type="button"
      className={classes.door}
      aria-haspopup="dialog"
      onClick={(event) => {
        // The row or card around a figure does something else when it is clicked.
        event.stopPropagation();
        show({ title: figure, question, condition });
      }}
    >
      <span>{children}</span>
      <span className={classes.name}>, {t.door.open(figure)}</span>
    </button>
  );
}
