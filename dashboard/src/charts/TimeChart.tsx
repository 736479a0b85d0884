import { useId, useState, type KeyboardEvent, type PointerEvent } from "react";
import { axisLabel, intervalName } from "../format/time";
import { axisValue } from "../format/units";
import { t } from "../texts";
import classes from "./TimeChart.module.css";
import type { TimeChartData } from "./timeChartData";
import { TimeChartLines } from "./TimeChartLines";
import { TimeChartTooltip } from "./TimeChartTooltip";
import { namedIntervals, scaleOf, type Scale } from "./timeChartScale";
import { useColours } from "./useColours";
import { useWidth } from "./useWidth";

export interface TimeChartProps extends TimeChartData {
  /** What the chart shows, in words, for screen readers. */
  label: string;
  /** In pixels. */
  height?: number;
}

/** Of a chart that is nowhere. */
const FIRST_WIDTH = 720;

/**
 * One metric over time.
 *
 * The interval in progress is open: its line is dashed to the expected value, and what has been
 * counted so far is a hollow point, never a fall. The record is a dashed line, notes are numbered pins.
 * It is drawn without ECharts, so that the first report needs nothing of it.
 */
export function TimeChart({ label, height = 280, ...data }: TimeChartProps) {
  const { ref, width } = useWidth();
  const scale = scaleOf(data, width || FIRST_WIDTH, height, (value) => axisValue(value, data.unit));
  return (
    <div ref={ref} className={classes.frame} style={{ height }}>
      <svg className={classes.chart} height={height} role="img" aria-label={label}>
        <Axes data={data} scale={scale} />
        {data.points.length > 0 ? <TimeChartLines data={data} scale={scale} /> : null}
      </svg>
      {data.points.length > 0 ? <Cursor data={data} scale={scale} /> : null}
    </div>
  );
}

interface PartProps {
  data: TimeChartData;
  scale: Scale;
}

/** The lines across with their values, and the names of intervals. */
function Axes({ data, scale }: PartProps) {
  const colours = useColours();
  const { points, interval, timezone, openFrom, unit } = data;
  const names = points.map(({ start }, index) => (index === openFrom ? t.charts.openInterval[interval] : axisLabel(start, interval, timezone)));
  return (
    <g fill={colours.quiet} aria-hidden="true">
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line x1={scale.left} x2={scale.right} y1={scale.y(tick)} y2={scale.y(tick)} stroke={colours.line} shapeRendering="crispEdges" />
          <text x={scale.left - 10} y={scale.y(tick)} dy="0.35em" textAnchor="end">
            {axisValue(tick, unit)}
          </text>
        </g>
      ))}
      {namedIntervals(names, openFrom, scale).map(({ index, anchor }) => (
        <text
          key={index}
          x={scale.x(index)}
          y={scale.bottom + 22}
          textAnchor={anchor}
          {...(index === openFrom ? { fill: colours.series[0], fontWeight: 650 } : {})}
        >
          {names[index]}
        </text>
      ))}
    </g>
  );
}

/** The interval under the pointer, or the one that the arrow keys have reached: its line, and its figures in words. */
function Cursor({ data, scale }: PartProps) {
  const colours = useColours();
  const tooltipId = useId();
  const [chosen, setChosen] = useState<number | null>(null);
  const last = data.points.length - 1;
  const index = chosen === null ? null : Math.min(chosen, last);
  const point = data.points[index ?? last];
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const step = (scale.right - scale.left) / Math.max(1, last);
    setChosen(Math.min(last, Math.max(0, Math.round((x - scale.left) / step))));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const current = index ?? last;
    const next = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: last, Escape: null }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next === null ? null : Math.min(last, Math.max(0, next)));
  };
  return (
    <>
      <div
        className={classes.cursor}
        role="slider"
        tabIndex={0}
        aria-label={t.charts.cursor(data.name)}
        aria-valuemin={1}
        aria-valuemax={last + 1}
        aria-valuenow={(index ?? last) + 1}
        aria-valuetext={intervalName(point?.start ?? "", data.interval, data.timezone)}
        aria-describedby={index === null ? undefined : tooltipId}
        onPointerMove={follow}
        onPointerDown={follow}
        onPointerLeave={() => {
          setChosen(null);
        }}
        onFocus={(event) => {
          if (event.currentTarget.matches(":focus-visible")) setChosen(last);
        }}
        onBlur={() => {
          setChosen(null);
        }}
        onKeyDown={onKeyDown}
      >
        {index === null ? null : (
          <svg className={classes.chart} height="100%" aria-hidden="true">
            <line x1={scale.x(index)} x2={scale.x(index)} y1={scale.top} y2={scale.bottom} stroke={colours.quiet} strokeDasharray="4 4" />
          </svg>
        )}
      </div>
      {index === null ? null : <TimeChartTooltip id={tooltipId} data={data} index={index} x={scale.x(index)} isLeft={index > last / 2} />}
    </>
  );
}
