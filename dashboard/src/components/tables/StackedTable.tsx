import { Table, type TableProps, type TableTdProps, type TableThProps } from "@mantine/core";
import type { ReactNode } from "react";
import { ScrollRegion } from "./ScrollRegion";
import classes from "./StackedTable.module.css";

interface StackedTableProps extends TableProps {
  /** Names the table for those who scroll it by keyboard. */
  label: string;
  /** In pixels. */
  maxHeight?: number | undefined;
  /** False for few columns, which have room everywhere. */
  stacks?: boolean;
  /** Where there is little room, figures stand in pairs: for many rows of short texts. */
  hasPairs?: boolean;
}

/**
 * A table of which, where there is little room, each row becomes a list of what its cells say.
 *
 * Its parts say their roles, because Safari takes a table that is displayed otherwise for plain text.
 */
export function StackedTable({ label, maxHeight, stacks = true, hasPairs = false, className = "", ...rest }: StackedTableProps) {
  return (
    <ScrollRegion label={label} maxHeight={maxHeight}>
      <Table role="table" verticalSpacing="var(--tm-cell)" className={`${stacks ? (classes.stacks ?? "") : ""} ${className}`} data-pairs={hasPairs} {...rest} />
    </ScrollRegion>
  );
}

/** The line of the column headings. */
export function HeadingRow({ children }: { children: ReactNode }) {
  return (
    <Table.Thead role="rowgroup">
      <Table.Tr role="row">{children}</Table.Tr>
    </Table.Thead>
  );
}

/** The rows below the headings. */
export function Rows({ children }: { children: ReactNode }) {
  return <Table.Tbody role="rowgroup">{children}</Table.Tbody>;
}

/** A row, which begins with a `RowHeading`. */
export function Row({ children }: { children: ReactNode }) {
  return <Table.Tr role="row">{children}</Table.Tr>;
}

export function ColumnHeading(props: TableThProps) {
  return <Table.Th scope="col" role="columnheader" {...props} />;
}

export function RowHeading(props: TableThProps) {
  return <Table.Th scope="row" role="rowheader" fw={400} {...props} />;
}

/** A cell with one text or element. Its label names it where the column headings are not seen; empty: it needs no name. */
export function Cell({ label = "", ...rest }: TableTdProps & { label?: string | undefined }) {
  return <Table.Td role="cell" data-label={label} {...rest} />;
}
