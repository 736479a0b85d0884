import { Title } from "@mantine/core";
import { useId, type ReactNode } from "react";
import classes from "./Panel.module.css";

interface PanelProps {
  title: string;
  /** Controls beside the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A titled region of a page. */
export function Panel({ title, actions, children }: PanelProps) {
  const heading = useId();
  return (
    <section className={classes.panel} aria-labelledby={heading} tabIndex={-1}>
      <div className={classes.head}>
        <Title order={2} fz={15} id={heading}>
          {title}
        </Title>
        {actions ? (
          <div className={classes.actions} data-not-pictured>
            {actions}
          </div>
        ) : null}
      </div>
      {children}
    </section>
  );
}
