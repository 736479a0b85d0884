import { Checkbox } from "@mantine/core";
import type { ReactNode } from "react";
import { Cell, ColumnHeading, HeadingRow, Row, RowHeading, Rows, StackedTable } from "../../components/tables/StackedTable";
import { t } from "../../texts";
import classes from "./ChoiceTable.module.css";

export interface ChoiceRow {
  key: string;
  /** For screen readers. */
  name: string;
  /** The first cell is the row's heading. */
  cells: readonly ReactNode[];
}

interface ChoiceTableProps {
  label: string;
  columns: readonly string[];
  rows: readonly ChoiceRow[];
  /** Keys of rows. */
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

/** A list as a table, of which rows can be chosen. */
export function ChoiceTable({ label, columns, rows, chosen, onChoose }: ChoiceTableProps) {
  const areAllChosen = rows.every(({ key }) => chosen.has(key));
  return (
    <StackedTable label={label} fz="sm" className={classes.choices ?? ""}>
      <HeadingRow>
        <ColumnHeading w={36}>
          <Checkbox
            size="xs"
            aria-label={t.admin.selectAll}
            checked={areAllChosen}
            indeterminate={!areAllChosen && chosen.size > 0}
            onChange={() => {
              onChoose(new Set(areAllChosen ? [] : rows.map(({ key }) => key)));
            }}
          />
        </ColumnHeading>
        {columns.map((column) => (
          <ColumnHeading key={column}>{column}</ColumnHeading>
        ))}
      </HeadingRow>
      <Rows>
        {rows.map((row) => (
          <ChoiceRowCells
            key={row.key}
            row={row}
            columns={columns}
            isChosen={chosen.has(row.key)}
            onToggle={() => {
              const next = new Set(chosen);
              if (!next.delete(row.key)) next.add(row.key);
              onChoose(next);
            }}
          />
        ))}
      </Rows>
    </StackedTable>
  );
}

interface ChoiceRowCellsProps {
  row: ChoiceRow;
  columns: readonly string[];
  isChosen: boolean;
  onToggle: () => void;
}

function ChoiceRowCells({ row: { name, cells: [heading, ...cells] }, columns, isChosen, onToggle }: ChoiceRowCellsProps) {
  return (
    <Row>
      <Cell>
        <Checkbox size="xs" aria-label={t.admin.select(name)} checked={isChosen} onChange={onToggle} />
      </Cell>
      <RowHeading fw={500} maw={260}>
        {heading}
      </RowHeading>
      {cells.map((cell, index) => (
        <Cell key={index} label={columns[index + 1]} style={{ overflowWrap: "anywhere" }}>
          {cell}
        </Cell>
      ))}
    </Row>
  );
}
