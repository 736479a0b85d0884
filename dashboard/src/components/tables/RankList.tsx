import { UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { exactNumber, sharePercent } from "../../format/numbers";
import { t } from "../../texts";
import { Name } from "../text/Name";
import classes from "./RankList.module.css";

export interface RankRow {
  value: string | null;
  label: string;
  /** A flag or an icon before the label; decoration. */
  icon?: ReactNode;
  count: number;
  /** Of the whole, 0 to 1. */
  share: number;
  /** Another figure of the row, such as a conversion rate, instead of the share. */
  more?: string | undefined;
  /** Whether a click has chosen the row. */
  isChosen?: boolean;
}

interface RankListProps {
  /** What is listed, for screen readers. */
  label: string;
  /** Highest count first. */
  rows: readonly RankRow[];
  /** Show only what has the row's value; without it rows are no buttons. */
  onFilter?: ((row: RankRow) => void) | undefined;
  /** What a click on a row does, in words; without it, filtering by the row. */
  actionName?: (row: RankRow) => string;
  /** Wraps the count, for example into a `Door`. */
  door?: ((row: RankRow, text: string) => ReactNode) | undefined;
}

/** Values with their counts, most first: a bar behind the label, the count and the share. */
export function RankList({ label, rows, onFilter, actionName, door }: RankListProps) {
  const most = Math.max(1, ...rows.map(({ count }) => count));
  return (
    <ol className={classes.list} aria-label={label}>
      {rows.map((row) => {
        const name = (
          <>
            {row.icon}
            <span title={row.label} dir="auto">
              <Name>{row.label}</Name>
            </span>
          </>
        );
        const text = exactNumber(row.count);
        return (
          <li key={row.value ?? ""} className={classes.row}>
            <div className={classes.bar} style={{ width: `${(row.count / most) * 78}%` }} />
            {onFilter ? (
              <UnstyledButton
                className={classes.label}
                aria-label={actionName ? actionName(row) : t.web.filterBy(row.label)}
                {...(row.isChosen === undefined ? {} : { "aria-pressed": row.isChosen })}
                onClick={() => {
                  onFilter(row);
                }}
              >
                {name}
              </UnstyledButton>
            ) : (
              <div className={classes.label}>{name}</div>
            )}
            <span className={classes.count}>{door ? door(row, text) : text}</span>
            <span className={classes.more}>{row.more ?? sharePercent(row.share)}</span>
          </li>
        );
      })}
    </ol>
  );
}
