import { VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { isPlaceholder } from "../../format/valueName";
import { Name } from "../text/Name";
import { Cell, ColumnHeading, HeadingRow, Row, RowHeading, Rows, StackedTable } from "./StackedTable";

interface DataTableProps {
  caption: string;
  columns: string[];
  /** The first cell of a row is its heading, the others are figures, as texts or as doors to their users. Keys are unique. */
  rows: { key: string; cells: ReactNode[] }[];
  /** All rows are seen without scrolling: for few of them. */
  isWhole?: boolean;
  /** What stands above the table says what it is of: its caption is for screen readers. */
  isTitled?: boolean;
}

/** So many columns fit on a phone. With more, each figure has a line of its own there, below the heading of its row. */
const MAX_BESIDE = 3;

/** The content of a chart as a table. */
export function DataTable({ caption, columns, rows, isWhole = false, isTitled = false }: DataTableProps) {
  return (
    <StackedTable label={caption} stacks={columns.length > MAX_BESIDE} maxHeight={isWhole ? undefined : 320} fz="sm" stickyHeader={!isWhole} className="tm-figures">
      <caption style={{ captionSide: "top", textAlign: "left", fontSize: "var(--mantine-font-size-xs)", padding: isTitled ? 0 : undefined }}>
        {isTitled ? <VisuallyHidden>{caption}</VisuallyHidden> : caption}
      </caption>
      <HeadingRow>
        {columns.map((column, index) => (
          // Two columns may have the same name.
          <ColumnHeading key={index} ta={index === 0 ? "left" : "right"} miw={index === 0 ? 150 : 80}>
            {column}
          </ColumnHeading>
        ))}
      </HeadingRow>
      <Rows>
        {rows.map(({ key, cells: [heading, ...figures] }) => (
          <Row key={key}>
            <RowHeading style={{ overflowWrap: "anywhere", fontStyle: typeof heading === "string" && isPlaceholder(heading) ? "italic" : "normal" }}>
              {typeof heading === "string" ? <Name>{heading}</Name> : heading}
            </RowHeading>
            {figures.map((figure, index) => (
              <Cell key={index} ta="right" label={columns[index + 1]}>
                {figure}
              </Cell>
            ))}
          </Row>
        ))}
      </Rows>
    </StackedTable>
  );
}
