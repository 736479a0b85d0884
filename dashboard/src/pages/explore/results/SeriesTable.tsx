import { Checkbox, Table, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { TrendsResult } from "../../../api/insights/insights";
import { lineStyle } from "../../../charts/lineStyle";
import { Sparkline } from "../../../charts/Sparkline";
import type { Line, TimeSeries } from "../../../charts/timeSeries";
import { useColours } from "../../../charts/useColours";
import { useAddressState } from "../../../components/page/useAddressState";
import { ScrollRegion } from "../../../components/tables/ScrollRegion";
import { exactNumber, signedPercent } from "../../../format/numbers";
import { isPlaceholder } from "../../../format/valueName";
import { t } from "../../../texts";
import classes from "./SeriesTable.module.css";
import { seriesRows, sortRows, SORT_COLUMNS, type SeriesRow, type SortColumn } from "./seriesRows";

interface SeriesTableProps {
  data: TimeSeries;
  result: TrendsResult;
  hidden: ReadonlySet<string>;
  onToggle: (id: string) => void;
  /** The total of a series, as a door to the users behind it. */
  renderTotal?: (index: number, text: string) => ReactNode;
}

/** The series of a chart as a table, which is also its legend: a checkbox shows and hides a line. */
export function SeriesTable({ data, result, hidden, onToggle, renderTotal }: SeriesTableProps) {
  const colours = useColours();
  const [sort, setSort] = useAddressState("sort");
  const column = SORT_COLUMNS.find((one) => one === sort.replace(/^-/, ""));
  const isDescending = sort.startsWith("-");
  const rows = sortRows(seriesRows(data, result), column, isDescending);
  const choose = (chosen: SortColumn) => {
    // Figures begin with the highest, names with A; a second click turns the order, a third ends it.
    const first = chosen === "name" ? chosen : `-${chosen}`;
    const second = chosen === "name" ? `-${chosen}` : chosen;
    setSort(sort === first ? second : sort === second ? "" : first);
  };
  return (
    <ScrollRegion label={t.explore.seriesTable}>
      <Table fz="sm" verticalSpacing="var(--tm-cell)" highlightOnHover className={`tm-figures ${classes.table ?? ""}`}>
        <caption className={classes.caption}>
          <span className={classes.captionText}>{t.explore.totalFor(result.from, result.to, result.timezone)}</span>
        </caption>
        <Table.Thead>
          <Table.Tr>
            {SORT_COLUMNS.map((one) => {
              const isSorted = one === column;
              return (
                <Table.Th
                  key={one}
                  scope="col"
                  className={[one === "name" ? classes.name : classes.figure, one === "average" ? classes.average : ""].join(" ")}
                  aria-sort={isSorted ? (isDescending ? "descending" : "ascending") : "none"}
                >
                  <UnstyledButton
                    className={classes.sort}
                    title={t.explore.columnNotes[one]}
                    onClick={() => {
                      choose(one);
                    }}
                  >
                    {t.explore.columns[one]}
                    {isSorted ? isDescending ? <IconArrowDown size={12} aria-hidden="true" /> : <IconArrowUp size={12} aria-hidden="true" /> : null}
                  </UnstyledButton>
                </Table.Th>
              );
            })}
            <Table.Th scope="col" className={classes.spark} c="dimmed" fz="xs" fw={550}>
              {t.explore.sparkline}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => {
            const line = data.lines[row.index] as Line;
            return (
              <Table.Tr key={line.id} data-hidden={hidden.has(line.id)}>
                <Table.Th scope="row" fw={400} className={classes.name}>
                  <SeriesName line={line} colour={lineStyle(colours, line, row.index).colour} isShown={!hidden.has(line.id)} onToggle={onToggle} />
                </Table.Th>
                <Table.Td className={classes.figure}>{row.total !== null && renderTotal ? renderTotal(row.index, figure(row.total)) : figure(row.total)}</Table.Td>
                <Table.Td className={`${classes.figure ?? ""} ${classes.average ?? ""}`}>{figure(row.average)}</Table.Td>
                <Table.Td className={classes.figure}>{figure(row.last)}</Table.Td>
                <Change row={row} />
                <Table.Td className={classes.spark}>
                  <Sparkline values={line.values.map((value) => value ?? 0)} height={22} isOpen={data.openIndex >= 0} />
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </ScrollRegion>
  );
}

function figure(value: number | null): string {
  return value === null ? t.common.none : exactNumber(value);
}

function Change({ row: { change } }: { row: SeriesRow }) {
  const colour = change === null || change === 0 ? "var(--mantine-color-dimmed)" : change > 0 ? "var(--tm-up)" : "var(--tm-down)";
  return (
    <Table.Td className={classes.figure} c={colour}>
      {change === null ? t.common.none : `${change > 0 ? "↑ " : change < 0 ? "↓ " : ""}${signedPercent(change)}`}
    </Table.Td>
  );
}

interface SeriesNameProps {
  line: Line;
  colour: string;
  isShown: boolean;
  onToggle: (id: string) => void;
}

function SeriesName({ line, colour, isShown, onToggle }: SeriesNameProps) {
  return (
    <Checkbox
      size="xs"
      color={colour}
      autoContrast
      label={
        <span className={classes.label} title={line.label} data-placeholder={line.isRest || isPlaceholder(line.label)}>
          {line.label}
        </span>
      }
      checked={isShown}
      onChange={() => {
        onToggle(line.id);
      }}
    />
  );
}
