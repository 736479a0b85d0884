import type { ReactNode } from "react";
import classes from "./ScrollRegion.module.css";

interface ScrollRegionProps {
  /** Names it for those who scroll it by keyboard. */
  label: string;
  /** In pixels. */
  maxHeight?: number | undefined;
  children: ReactNode;
}

/**
 * What may be wider than its place, or higher.
 *
 * The browser's own scrollbars: those of Mantine measure each region again when it is drawn, which
 * lays the whole page out again, for each of the dozen tables of a board.
 */
export function ScrollRegion({ label, maxHeight, children }: ScrollRegionProps) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- without focus, keys could not scroll it
    <div className={classes.region} style={{ maxHeight }} data-scrolls role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
