import { UnstyledButton } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { t } from "../../texts";
import { ScrollRegion } from "./ScrollRegion";
import classes from "./DetailTable.module.css";

export interface DetailColumn<Row> {
  label: string;
  cell: (row: Row) => ReactNode;
  /** What the server sorts by; without it the column cannot be sorted by. */
  sort?: string;
}

interface DetailTableProps<Row> {
  /** What the table lists; stands below it. */
  caption: ReactNode;
  /** The heading of the rows. */
  heading: string;
  rowHeading: (row: Row) => ReactNode;
  rowKey: (row: Row) => string;
  columns: readonly DetailColumn<Row>[];
  rows: readonly Row[];
  /** Most first. */
  sort: string;
  onSort: (sort: string) => void;
}

/** A table whose server sorts and pages it: the column that it is sorted by has an arrow. */
export function DetailTable<Row>({ caption, heading, rowHeading, rowKey, columns, rows, sort, onSort }: DetailTableProps<Row>) {
  return (
    <ScrollRegion label={heading}>
      <table className={classes.table}>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{heading}</th>
            {columns.map((column) => (
              <th key={column.label} scope="col" {...(column.sort === sort ? { "aria-sort": "descending" as const } : {})}>
                {column.sort === undefined ? column.label : <SortButton column={column} isSorted={column.sort === sort} onSort={onSort} />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              <th scope="row" dir="auto">
                {rowHeading(row)}
              </th>
              {columns.map((column) => (
                <td key={column.label}>{column.cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function SortButton<Row>({ column, isSorted, onSort }: { column: DetailColumn<Row>; isSorted: boolean; onSort: (sort: string) => void }) {
  return (
    <UnstyledButton
      className={classes.sort}
      aria-label={t.web.sortBy(column.label)}
      onClick={() => {
        if (column.sort !== undefined) onSort(column.sort);
      }}
    >
      {column.label}
      {isSorted ? <IconArrowDown size={14} aria-hidden="true" style={{ verticalAlign: "-2px" }} /> : null}
    </UnstyledButton>
  );
}
