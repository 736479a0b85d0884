import type { FigurePoint } from "../../../api/reports/figures";
import type { FunnelResult, FunnelStep } from "../../../api/insights/insights";
import { Door } from "../../../components/figures/Door";
import { Cell, ColumnHeading, HeadingRow, Row, RowHeading, Rows, StackedTable } from "../../../components/tables/StackedTable";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { isPlaceholder } from "../../../format/valueName";
import type { Condition } from "../../../report/filters";
import { t } from "../../../texts";
import classes from "./Funnel.module.css";
import { nameOfValue } from "./nameOfValue";
import { isDifferent } from "./significance";
import { rowCondition } from "./totalQuestion";

interface FunnelBreakdownProps {
  result: FunnelResult;
  property: string;
  /** The query as it was sent. */
  body: Record<string, unknown>;
}

/** The funnel of each value in one table: values as rows, steps as columns. */
export function FunnelBreakdown({ result: { steps, breakdown }, property, body }: FunnelBreakdownProps) {
  return (
    <>
      <StackedTable label={t.insights.stepByStep} fz="sm" highlightOnHover className="tm-figures">
        <HeadingRow>
          <ColumnHeading className={classes.value ?? ""}>{t.explore.value}</ColumnHeading>
          {steps.map(({ label }, index) => (
            <ColumnHeading key={index} className={classes.part ?? ""}>
              {t.insights.numberedStep(index + 1, label)}
            </ColumnHeading>
          ))}
          <ColumnHeading className={classes.part ?? ""}>{t.insights.funnelColumns.conversion}</ColumnHeading>
        </HeadingRow>
        <Rows>
          <ValueRow name={t.insights.all} steps={steps} all={null} body={body} point={{}} />
          {breakdown.map((part, index) => (
            <ValueRow
              key={index}
              name={nameOfValue(property, part.value, part.is_other)}
              steps={part.steps}
              all={steps}
              body={body}
              point={part.is_other ? { is_other: true } : part.value === null ? { is_missing: true } : { value: part.value }}
              condition={rowCondition({ breakdown: part.value, is_other: part.is_other }, property)}
            />
          ))}
        </Rows>
      </StackedTable>
      <p className={classes.note}>{t.explore.significanceNote}</p>
    </>
  );
}

interface ValueRowProps {
  name: string;
  steps: FunnelStep[];
  /** The steps of everybody; null in the row of everybody. */
  all: FunnelStep[] | null;
  body: Record<string, unknown>;
  /** Which row of the breakdown it is. */
  point: Pick<FigurePoint<"funnel">, "value" | "is_missing" | "is_other">;
  condition?: Condition | undefined;
}

function ValueRow({ name, steps, all, body, point, condition }: ValueRowProps) {
  const last = steps.at(-1);
  return (
    <Row>
      <RowHeading
        className={classes.value ?? ""}
        title={name}
        fw={all === null ? 600 : 400}
        style={{ fontStyle: isPlaceholder(name) ? "italic" : "normal" }}
      >
        {name}
      </RowHeading>
      {steps.map(({ label, persons, from_previous: fromPrevious }, index) => (
        <Cell key={index} label={t.insights.numberedStep(index + 1, label)} className={classes.part ?? ""}>
          <div>
          <Door
            figure={t.explore.usersBehind(`${t.explore.reached(label)} · ${name}`)}
            question={persons > 0 ? { kind: "funnel", query: body, point: { step: index, ...point } } : null}
            condition={condition}
          >
            {exactNumber(persons)}
          </Door>
          {index === 0 ? null : <div className={classes.second}>{sharePercent(fromPrevious)}</div>}
          </div>
        </Cell>
      ))}
      <Cell label={t.insights.funnelColumns.conversion} className={classes.part ?? ""} fw={600}>
        <span>
          {sharePercent(last?.conversion ?? 0)}
          {all === null ? null : <Hint steps={steps} all={all} />}
        </span>
      </Cell>
    </Row>
  );
}

/** Whether the conversion of a value differs from that of all others by more than chance. */
function Hint({ steps, all }: { steps: FunnelStep[]; all: FunnelStep[] }) {
  const [entered, completed] = [steps[0]?.persons ?? 0, steps.at(-1)?.persons ?? 0];
  const others = { entered: (all[0]?.persons ?? 0) - entered, completed: (all.at(-1)?.persons ?? 0) - completed };
  if (!isDifferent({ entered, completed }, others)) return null;
  const isHigher = completed / entered > others.completed / others.entered;
  const label = isHigher ? t.explore.higher : t.explore.lower;
  return (
    <span className={classes.hint} data-direction={isHigher ? "up" : "down"} title={label} role="img" aria-label={label}>
      {isHigher ? "▲" : "▼"}
    </span>
  );
}
