import { useEffect, useRef, useState, type ReactNode } from "react";
import classes from "./ScrollRegion.module.css";

interface ScrollRegionProps {
  /** Names it for those who scroll it by keyboard. */
  label: string;
  /** In pixels. */
  maxHeight?: number | undefined;
  children: ReactNode;
}

/**
 * What may be wider than its place, or higher. Only while it is does the Tab key stop at it: a page of lists has a dozen of them.
 *
 * The browser's own scrollbars: those of Mantine measure each region again when it is drawn, which
 * lays the whole page out again, for each of the dozen tables of a board.
 */
export function ScrollRegion({ label, maxHeight, children }: ScrollRegionProps) {
  const region = useRef<HTMLDivElement>(null);
  const [isCut, setCut] = useState(false);
  useEffect(() => {
    // The observer runs once all is laid out, so that reading the sizes lays out nothing again.
    const observer = new ResizeObserver(() => {
      const element = region.current;
      if (element) setCut(element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight);
    });
    for (const element of region.current ? [region.current, ...region.current.children] : []) observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [children]);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- without focus, keys could not scroll it
    <div ref={region} className={classes.region} style={{ maxHeight }} data-scrolls role="group" aria-label={label} tabIndex={isCut ? 0 : undefined}>
      {children}
    </div>
  );
}
