import { Table } from "@mantine/core";
import { useState, type CSSProperties, type ReactNode } from "react";
import type { RetentionResult } from "../../../api/insights/insights";
import { Door } from "../../../components/figures/Door";
import { ChoiceBar } from "../../../components/forms/ChoiceBar";
import { Panel } from "../../../components/page/Panel";
import { ScrollRegion } from "../../../components/tables/ScrollRegion";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { cohortName } from "../../../format/time";
import { t } from "../../../texts";
import type { RetentionQuery } from "../query/insightQuery";
import { meanRetention } from "./meanRetention";
import { NoResult } from "./NoResult";
import { RetentionCurve } from "./RetentionCurve";
import classes from "./Retention.module.css";

interface RetentionProps {
  result: RetentionResult;
  query: RetentionQuery;
  /** The query as it was sent. */
  body: Record<string, unknown>;
  /** When the result was received, in milliseconds since 1970. */
  receivedAt: number;
}

/** The persons of each cohort who came back after each number of intervals: the darker, the more. */
export function Retention({ result, query, body, receivedAt }: RetentionProps) {
  const [figures, setFigures] = useState<"share" | "persons">("share");
  const { cohorts, interval, timezone } = result;
  const mean = meanRetention(result, receivedAt);
  const isRunning = new Date(result.to).getTime() > receivedAt;
  const texts = t.insights.retention;
  // Rows of nobody say nothing.
  const rows = cohorts.filter(({ size }) => size > 0);
  if (rows.length === 0) {
    return (
      <Panel title={t.insights.kinds.retention.name}>
        <NoResult title={texts.nobody} query={query} />
      </Panel>
    );
  }
  return (
    <>
    <RetentionCurve result={result} mean={mean} receivedAt={receivedAt} />
    <Panel
      title={texts.cohorts}
      actions={
        <ChoiceBar
          label={texts.figures}
          data={[
            { value: "share", label: texts.shares },
            { value: "persons", label: texts.users },
          ]}
          value={figures}
          onChange={setFigures}
        />
      }
    >
      <ScrollRegion label={t.insights.kinds.retention.name}>
        <Table className={`tm-figures ${classes.table ?? ""}`} fz="sm" withRowBorders={false} horizontalSpacing={0} verticalSpacing={0}>
          <caption className={classes.caption}>{query.isRolling ? texts.rollingNote(interval) : texts.strictNote(interval)}</caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col" className={`${classes.cohort ?? ""} ${classes.sticky ?? ""}`}>
                {texts.cohort}
              </Table.Th>
              <Table.Th scope="col" ta="right" className={`${classes.size ?? ""} ${classes.sticky ?? ""}`}>
                {texts.users}
              </Table.Th>
              {mean.map((_, index) => (
                <Table.Th key={index} scope="col" ta="center" className={classes.head}>
                  {texts.column(interval, index)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Table.Tr>
              <Table.Th scope="row" className={`${classes.cohort ?? ""} ${classes.sticky ?? ""}`} title={texts.allNote}>
                {texts.all}
              </Table.Th>
              <Table.Td ta="right" className={`${classes.size ?? ""} ${classes.sticky ?? ""}`}>
                <Door figure={t.explore.cohortSize(texts.all)} question={query.isRecurring ? null : { kind: "retention", query: { ...body, interval }, point: { after: 0 } }}>
                  {exactNumber(cohorts.reduce((sum, { size }) => sum + size, 0))}
                </Door>
              </Table.Td>
              {mean.map((share, index) => (
                <Cell key={index} share={share}>
                  {share === null ? "" : <Door figure={t.explore.cohortCell(texts.all, texts.column(interval, index))} question={query.isRecurring || share === 0 ? null : { kind: "retention", query: { ...body, interval }, point: { after: index } }}>
                    {sharePercent(share)}
                  </Door>}
                </Cell>
              ))}
            </Table.Tr>
            {rows.map(({ date, size, returned }) => (
              <Table.Tr key={date}>
                <Table.Th scope="row" fw={400} className={`${classes.cohort ?? ""} ${classes.sticky ?? ""}`}>
                  {cohortName(date, interval, timezone)}
                </Table.Th>
                <Table.Td ta="right" className={`${classes.size ?? ""} ${classes.sticky ?? ""}`}>
                  <Door figure={t.explore.cohortSize(cohortName(date, interval, timezone))} question={{ kind: "retention", query: { ...body, interval }, point: { date, after: 0 } }}>
                    {exactNumber(size)}
                  </Door>
                </Table.Td>
                {returned.map((persons, index) => {
                  const share = size === 0 ? null : persons / size;
                  const text = share === null ? "" : figures === "share" ? sharePercent(share) : exactNumber(persons);
                  // The last cell of each cohort is of the newest interval.
                  const name = t.explore.cohortCell(cohortName(date, interval, timezone), texts.column(interval, index));
                  return (
                    <Cell key={index} share={share} isOpen={isRunning && index === returned.length - 1}>
                      {persons > 0 ? (
                        <Door figure={name} question={{ kind: "retention", query: { ...body, interval }, point: { date, after: index } }}>
                          {text}
                        </Door>
                      ) : (
                        text
                      )}
                    </Cell>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
      <p className={classes.note}>{texts.hatched}</p>
    </Panel>
    </>
  );
}

interface CellProps {
  share: number | null;
  children: ReactNode;
  /** Whether the interval is in progress. */
  isOpen?: boolean;
}

function Cell({ share, children, isOpen = false }: CellProps) {
  const strength = share === null ? 0 : Math.round(share * 100);
  return (
    // A plain element: there are hundreds.
    <td className={classes.cell} data-open={isOpen} style={{ "--share": `${strength}%` } as CSSProperties}>
      {children}
    </td>
  );
}
