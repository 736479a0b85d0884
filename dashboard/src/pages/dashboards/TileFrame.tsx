import type { ReactNode } from "react";
import { Panel } from "../../components/Panel";
import classes from "./Dashboard.module.css";

interface TileFrameProps {
  title: string;
  width: number;
  actions?: ReactNode;
  children: ReactNode;
}

/** The place of a tile on a dashboard. */
export function TileFrame({ title, width, actions, children }: TileFrameProps) {
  return (
    <div className={classes.tile} data-width={width}>
      <Panel title={title} actions={actions}>
        {children}
      </Panel>
    </div>
  );
}
