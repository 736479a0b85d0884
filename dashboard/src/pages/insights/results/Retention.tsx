import { SegmentedControl, ScrollArea, Table } from "@mantine/core";
import { useState } from "react";
import type { RetentionAnswer } from "../../../api/insights";
import { Panel } from "../../../components/Panel";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { cohortName } from "../../../format/time";
import { meanRetention } from "./meanRetention";
import classes from "./Retention.module.css";

interface RetentionProps {
  answer: RetentionAnswer;
  /** When it came, in milliseconds since 1970. */
  at: number;
  isRolling: boolean;
}

/** Who began when, and what part of them came back after how long: the darker, the more. */
export function Retention({ answer, at, isRolling }: RetentionProps) {
  const [shows, setShows] = useState<"share" | "persons">("share");
  const { cohorts, interval } = answer;
  const places = Array.from({ length: Math.max(0, ...cohorts.map(({ returned }) => returned.length)) }, (_, place) => place);
  const mean = meanRetention(answer, at);
  const isEmpty = cohorts.every(({ size }) => size === 0);
  return (
    <Panel
      title="Retention"
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Figures"
          data={[
            { value: "share", label: "Shares" },
            { value: "persons", label: "Persons" },
          ]}
          value={shows}
          onChange={setShows}
        />
      }
    >
      {isEmpty ? <p className={classes.note}>Nobody began in this range.</p> : null}
      <ScrollArea type="auto" scrollbarSize={8} offsetScrollbars>
        <Table className={`tm-figures ${classes.table ?? ""}`} fz="sm" withRowBorders={false} horizontalSpacing={0} verticalSpacing={0}>
          <caption className={classes.caption}>
            {isRolling
              ? `Of those who began, who came back in a ${interval} or any later one`
              : `Of those who began, who came back in just that ${interval}`}
          </caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col" className={classes.cohort}>
                Began
              </Table.Th>
              <Table.Th scope="col" ta="right" px={10}>
                Persons
              </Table.Th>
              {places.map((place) => (
                <Table.Th key={place} scope="col" ta="center" className={classes.head}>
                  {place === 0 ? "Then" : `${interval.charAt(0).toUpperCase()}${interval.slice(1)} ${place}`}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Table.Tr>
              <Table.Th scope="row" className={classes.cohort} title="By persons, over whole intervals only">
                All
              </Table.Th>
              <Table.Td ta="right" px={10}>
                {exactNumber(cohorts.reduce((sum, { size }) => sum + size, 0))}
              </Table.Td>
              {places.map((place) => (
                <Cell key={place} share={mean[place] ?? null} text={mean[place] === null ? "" : sharePercent(mean[place] ?? 0)} />
              ))}
            </Table.Tr>
            {cohorts.map(({ date, size, returned }) => (
              <Table.Tr key={date}>
                <Table.Th scope="row" fw={400} className={classes.cohort}>
                  {cohortName(date, interval, answer.timezone)}
                </Table.Th>
                <Table.Td ta="right" px={10}>
                  {exactNumber(size)}
                </Table.Td>
                {returned.map((persons, place) => {
                  const share = size === 0 ? null : persons / size;
                  const text = share === null ? "" : shows === "share" ? sharePercent(share) : exactNumber(persons);
                  return <Cell key={place} share={share} text={text} isOpen={isOpen(answer, date, place, at)} />;
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
      <p className={classes.note}>Hatched: the {interval} is not over, so the figure may still rise.</p>
    </Panel>
  );
}

/** Whether the interval that a cell tells of is still going on. The last cell of each row is the newest. */
function isOpen(answer: RetentionAnswer, date: string, place: number, at: number): boolean {
  const cohort = answer.cohorts.find((one) => one.date === date);
  return new Date(answer.to).getTime() > at && cohort !== undefined && place === cohort.returned.length - 1;
}

interface CellProps {
  share: number | null;
  text: string;
  isOpen?: boolean;
}

function Cell({ share, text, isOpen: isHatched = false }: CellProps) {
  const strength = share === null ? 0 : Math.round(share * 100);
  return (
    <Table.Td className={classes.cell} data-open={isHatched} style={{ "--share": `${strength}%` }}>
      {text}
    </Table.Td>
  );
}
