import { Skeleton, Tooltip, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconArrowDownRight, IconArrowUpRight } from "@tabler/icons-react";
import { Children, type CSSProperties, type ReactNode } from "react";
import { Sparkline } from "../../charts/Sparkline";
import { signedPercent } from "../../format/numbers";
import { exactValue, shortValue, type Unit } from "../../format/units";
import { t } from "../../texts";
import classes from "./Kpi.module.css";

interface KpiProps {
  label: string;
  /** What the metric counts, in one sentence. */
  explanation: string;
  unit: Unit;
  /** undefined: on its way; null: there is no such figure. */
  value: number | null | undefined;
  good?: "up" | "down";
  /** The figure of the period that this is compared with, and the name of that period. */
  previous?: { value: number | null; name: string } | undefined;
  /** Lines about the record and the interval in progress, for the tooltip. */
  notes?: readonly string[];
  /** Values of the last days, of which the last is in progress; and the record. */
  spark?: { values: readonly number[]; peak?: number | undefined } | undefined;
  isSelected?: boolean;
  onSelect?: (() => void) | undefined;
  /** Wraps the figure, for example into a `Door`. */
  figure?: (text: string) => ReactNode;
}

/** Figures side by side: in one row, or where there is no room for it in rows of the same length. */
export function KpiStrip({ label, children }: { label: string; children: ReactNode }) {
  const count = Children.toArray(children).length;
  return (
    <div className={classes.strip} style={{ "--count": count, "--half": Math.ceil(count / 2) } as CSSProperties} role="group" aria-label={label}>
      {children}
    </div>
  );
}

/** A metric with its change from the previous period; a click on the card selects it. */
export function Kpi({ label, explanation, unit, value, good = "up", previous, notes = [], spark, isSelected = false, onSelect, figure }: KpiProps) {
  const text = value === null || value === undefined ? t.common.none : shortValue(value, unit);
  return (
    <section className={classes.kpi} aria-label={label} data-selected={isSelected} data-selectable={onSelect !== undefined}>
      <Tooltip label={<Lines lines={[explanation, ...notes]} />} multiline maw={320} openDelay={250} events={{ hover: true, focus: true, touch: false }}>
        {onSelect ? (
          <UnstyledButton className={classes.label ?? ""} aria-pressed={isSelected} onClick={onSelect}>
            {label}
          </UnstyledButton>
        ) : (
          <div className={classes.label}>{label}</div>
        )}
      </Tooltip>
      {value === undefined ? (
        <Skeleton height={48} w={96} mt={4} />
      ) : (
        <>
          <div className={classes.value} title={value === null ? undefined : exactValue(value, unit)}>
            {figure ? figure(text) : text}
          </div>
          {previous ? <Change value={value} previous={previous} unit={unit} good={good} /> : null}
        </>
      )}
      <VisuallyHidden>{notes.join(" ")}</VisuallyHidden>
      {spark ? (
        <div className={classes.spark}>
          <Sparkline values={spark.values} height={30} peak={spark.peak} />
        </div>
      ) : null}
    </section>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return lines.map((line) => <div key={line}>{line}</div>);
}

interface ChangeProps {
  value: number | null;
  previous: { value: number | null; name: string };
  unit: Unit;
  good: "up" | "down";
}

/** The change from the previous period: in percent, and of a share in percentage points. */
function Change({ value, previous, unit, good }: ChangeProps) {
  if (value === null || previous.value === null) return <div className={classes.change}>{t.kpi.noPrevious(previous.name)}</div>;
  const exact = t.kpi.previous(exactValue(previous.value, unit), previous.name);
  if (previous.value === 0 && value !== 0) return <div className={classes.change}>{exact}</div>;
  // As far as it is said: what rounds to nothing is no change.
  const difference = unit === "share" ? roundTenth((value - previous.value) * 100) : value === previous.value ? 0 : roundTenth(((value - previous.value) / Math.abs(previous.value)) * 100);
  const direction = difference > 0 ? "up" : difference < 0 ? "down" : "level";
  const Arrow = direction === "down" ? IconArrowDownRight : IconArrowUpRight;
  const change = unit === "share" ? t.kpi.points(difference) : signedPercent(difference);
  return (
    <Tooltip label={exact}>
      <div className={classes.change} data-news={direction === "level" ? "none" : direction === good ? "good" : "bad"}>
        {direction === "level" ? null : <Arrow size={15} aria-hidden="true" />}
        <span>{direction === "level" ? t.kpi.unchanged : change}</span>
        <VisuallyHidden>, {exact}</VisuallyHidden>
      </div>
    </Tooltip>
  );
}

function roundTenth(value: number): number {
  return Math.round(value * 10) / 10;
}
