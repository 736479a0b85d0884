import type { ReactNode } from "react";
import classes from "./DefinitionList.module.css";

interface DefinitionListProps {
  items: readonly (readonly [term: string, definition: ReactNode])[];
  /** Smaller and without lines, within another item. */
  isCompact?: boolean;
}

/** Terms, each with its value or its explanation. */
export function DefinitionList({ items, isCompact = false }: DefinitionListProps) {
  return (
    <dl className={classes.list} data-compact={isCompact}>
      {items.map(([term, definition]) => (
        <div key={term} className={classes.item}>
          <dt>{term}</dt>
          <dd>{definition}</dd>
        </div>
      ))}
    </dl>
  );
}
