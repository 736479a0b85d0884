import { Table } from "@mantine/core";
import type { ReactNode } from "react";
import { isPlaceholder } from "../../format/valueName";
import { Name } from "../text/Name";
import { ScrollRegion } from "./ScrollRegion";
import classes from "./StackedTable.module.css";

interface DataTableProps {
  caption: string;
  columns: string[];
  /** The first cell of a row is its heading, the others are figures, as texts or as doors to their users. Keys are unique. */
  rows: { key: string; cells: ReactNode[] }[];
  /** Where there is little room, each figure has a line of its own, below the heading of its row: for few rows of many columns. */
  stacks?: boolean;
}

/** The content of a chart as a table. */
export function DataTable({ caption, columns, rows, stacks = false }: DataTableProps) {
  return (
    <ScrollRegion label={caption} {...(stacks ? {} : { maxHeight: 320 })}>
      <Table fz="sm" verticalSpacing="var(--tm-cell)" stickyHeader className={stacks ? `tm-figures ${classes.stacks ?? ""}` : "tm-figures"}>
        <caption style={{ captionSide: "top", textAlign: "left", fontSize: "var(--mantine-font-size-xs)" }}>{caption}</caption>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column, index) => (
              // Two columns may have the same name.
              <Table.Th key={index} scope="col" ta={index === 0 ? "left" : "right"} miw={index === 0 ? 150 : 80}>
                {column}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, cells: [heading, ...figures] }) => (
            <Table.Tr key={key}>
              <Table.Th
                scope="row"
                fw={400}
                style={{ overflowWrap: "anywhere", fontStyle: typeof heading === "string" && isPlaceholder(heading) ? "italic" : "normal" }}
              >
                {typeof heading === "string" ? <Name>{heading}</Name> : heading}
              </Table.Th>
              {figures.map((figure, index) => (
                <Table.Td key={index} ta="right" data-label={columns[index + 1]}>
                  {figure}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollRegion>
  );
}
