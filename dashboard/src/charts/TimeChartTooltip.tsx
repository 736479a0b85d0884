import { intervalName } from "../format/time";
import { exactValue } from "../format/units";
import { t } from "../texts";
import classes from "./TimeChart.module.css";
import { pinsOf, type TimeChartData } from "./timeChartData";
import type { TooltipRow } from "./tooltip";
import { useColours } from "./useColours";

interface TooltipProps {
  id: string;
  data: TimeChartData;
  index: number;
  /** Where the interval is, in pixels, and whether the tooltip stands left of it. */
  x: number;
  isLeft: boolean;
}

/** The figures of one interval in words. */
export function TimeChartTooltip({ id, data, index, x, isLeft }: TooltipProps) {
  const notes = pinsOf(data).filter((pin) => pin.index === index);
  const place = isLeft ? { right: `calc(100% - ${x - 12}px)` } : { left: x + 12 };
  return (
    <div id={id} role="status" className={classes.tooltip} style={place}>
      <div className={classes.title}>{intervalName(data.points[index]?.start ?? "", data.interval, data.timezone)}</div>
      {useRows(data, index).map(({ label, value, colour }) => (
        <div key={label} className={classes.row}>
          {colour ? <span className={classes.dot} style={{ background: colour }} /> : null}
          <span className={classes.name}>{label}</span>
          <span className={classes.value}>{value}</span>
        </div>
      ))}
      {index === data.openFrom ? <div className={classes.note}>{t.charts.inProgress}</div> : null}
      {notes.map(({ number, text }) => (
        <div key={number} className={classes.note}>
          {t.charts.pin(number, text)}
        </div>
      ))}
    </div>
  );
}

function useRows(data: TimeChartData, index: number): TooltipRow[] {
  const colours = useColours();
  const exact = (value: number | null | undefined) => (value === null || value === undefined ? t.common.none : exactValue(value, data.unit));
  const isOpen = index === data.openFrom;
  const rows: TooltipRow[] = [
    {
      label: isOpen ? t.charts.soFar(data.name) : data.name,
      value: exact(data.points[index]?.value),
      colour: colours.series[0] ?? colours.text,
    },
  ];
  if (isOpen && data.expected) {
    const { value, low, high } = data.expected;
    rows.push({ label: t.charts.expected, value: t.charts.expectedValue(exact(value), exact(low), exact(high)) });
  }
  const before = data.previous?.[index];
  if (before) {
    rows.push({ label: intervalName(before.start, data.interval, data.timezone), value: exact(before.value), colour: colours.quiet });
  }
  return rows;
}
