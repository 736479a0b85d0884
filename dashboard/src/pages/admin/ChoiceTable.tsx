import { Checkbox, ScrollArea, Table } from "@mantine/core";
import type { ReactNode } from "react";
import { t } from "../../texts";

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
  /** In pixels; narrower screens scroll. */
  minWidth?: number;
}

/** A list as a table, of which rows can be chosen. */
export function ChoiceTable({ label, columns, rows, chosen, onChoose, minWidth = 620 }: ChoiceTableProps) {
  const areAllChosen = rows.every(({ key }) => chosen.has(key));
  return (
    <ScrollArea type="auto" scrollbarSize={8} viewportProps={{ tabIndex: 0, role: "group", "aria-label": label }}>
      <Table fz="sm" verticalSpacing="var(--tm-cell)" miw={minWidth}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={36}>
              <Checkbox
                size="xs"
                aria-label={t.admin.selectAll}
                checked={areAllChosen}
                indeterminate={!areAllChosen && chosen.size > 0}
                onChange={() => {
                  onChoose(new Set(areAllChosen ? [] : rows.map(({ key }) => key)));
                }}
              />
            </Table.Th>
            {columns.map((column) => (
              <Table.Th key={column} scope="col">
                {column}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Row
              key={row.key}
              row={row}
              isChosen={chosen.has(row.key)}
              onToggle={() => {
                const next = new Set(chosen);
                if (!next.delete(row.key)) next.add(row.key);
                onChoose(next);
              }}
            />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function Row({ row: { name, cells: [heading, ...cells] }, isChosen, onToggle }: { row: ChoiceRow; isChosen: boolean; onToggle: () => void }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Checkbox size="xs" aria-label={t.admin.select(name)} checked={isChosen} onChange={onToggle} />
      </Table.Td>
      <Table.Th scope="row" fw={500} maw={260}>
        {heading}
      </Table.Th>
      {cells.map((cell, index) => (
        <Table.Td key={index} style={{ overflowWrap: "anywhere" }}>
          {cell}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
