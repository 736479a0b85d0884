import type { ReactNode } from "react";
import classes from "./Banner.module.css";

/** A line above the content of a page, about the state of the server or of the connection. */
export function Banner({ children }: { children: ReactNode }) {
  return (
    <div className={classes.banner} role="status">
      {children}
    </div>
  );
}
