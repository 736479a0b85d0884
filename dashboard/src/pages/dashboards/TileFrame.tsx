import type { ReactNode } from "react";
import { Panel } from "../../components/page/Panel";
import { AddressScope } from "../../components/page/useAddressState";
import classes from "./Dashboard.module.css";

interface TileFrameProps {
  /** What no other tile of the dashboard is called. */
  id: string;
  title: string;
  width: number;
  actions?: ReactNode;
  children: ReactNode;
}

/** The place of a tile on a dashboard. */
export function TileFrame({ id, title, width, actions, children }: TileFrameProps) {
  return (
    <div className={classes.tile} data-width={width}>
      <AddressScope value={`${id}.`}>
        <Panel title={title} actions={actions}>
          {children}
        </Panel>
      </AddressScope>
    </div>
  );
}
