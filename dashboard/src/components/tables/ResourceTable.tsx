import { ActionIcon, Group, Table } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Cell, ColumnHeading, HeadingRow, Rows, StackedTable } from "./StackedTable";

interface ResourceTableProps {
  /** Names the table for those who scroll it by keyboard. */
  label: string;
  caption?: string | undefined;
  columns: readonly string[];
  /** The name of the column with a row's actions; none: rows have no actions. */
  actions?: string | undefined;
  /** Figures stand below each other, on the right, but for the first and the last column. */
  hasFigures?: boolean;
  /** A row for each resource. */
  children: ReactNode;
}

/** A project's alerts, experiments, flags or goals: a row for each, which ends with its actions. */
export function ResourceTable({ label, caption, columns, actions, hasFigures = false, children }: ResourceTableProps) {
  return (
    <StackedTable label={label} className={hasFigures ? "tm-figures" : ""} captionSide="bottom">
      {caption === undefined ? null : <Table.Caption ta="left">{caption}</Table.Caption>}
      <HeadingRow>
        {columns.map((column, index) => (
          <ColumnHeading key={column} ta={hasFigures && index > 0 && index < columns.length - 1 ? "right" : undefined}>
            {column}
          </ColumnHeading>
        ))}
        {actions === undefined ? null : <ColumnHeading aria-label={actions} />}
      </HeadingRow>
      <Rows>{children}</Rows>
    </StackedTable>
  );
}

interface RowActionsProps {
  editLabel: string;
  deleteLabel: string;
  onEdit: () => void;
  onDelete: () => void;
  /** Actions of the resource's own, before the others. */
  children?: ReactNode;
}

/** The last cell of a row: edit and delete its resource. */
export function RowActions({ editLabel, deleteLabel, onEdit, onDelete, children }: RowActionsProps) {
  return (
    <Cell>
      <Group gap={4} justify="flex-end" wrap="nowrap">
        {children}
        <ActionIcon variant="subtle" color="gray" aria-label={editLabel} onClick={onEdit}>
          <IconPencil size={16} />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={deleteLabel} onClick={onDelete}>
          <IconTrash size={16} />
        </ActionIcon>
      </Group>
    </Cell>
  );
}
