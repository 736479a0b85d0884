import { useId } from "react";
import { axisLabel } from "../format/time";
import { shortValue } from "../format/units";
import { t } from "../texts";
import type { ChartColours } from "./palette";
import { completeValues, openSegment, peakToDraw, pinsOf, type TimeChartData } from "./timeChartData";
import { areaPath, linePath, type Scale } from "./timeChartScale";
import { useColours } from "./useColours";

interface LinesProps {
  data: TimeChartData;
  scale: Scale;
}

/** What stands on the plot of a `TimeChart`, from back to front. */
export function TimeChartLines({ data, scale }: LinesProps) {
  const colours = useColours();
  const colour = colours.series[0] ?? colours.text;
  const fill = useId();
  const values = completeValues(data);
  const only = values.filter((value) => value !== null).length === 1 ? values.findIndex((value) => value !== null) : null;
  const previous = data.previous?.length ? data.points.map((_, index) => data.previous?.[index]?.value ?? null) : [];
  return (
    <g fill="none" strokeLinejoin="round" strokeLinecap="butt" aria-hidden="true">
      <linearGradient id={fill} x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stopColor={colour} stopOpacity="0.25" />
        <stop offset="1" stopColor={colour} stopOpacity="0.03" />
      </linearGradient>
      <path d={areaPath(values, scale)} fill={`url(#${fill})`} />
      <Pins data={data} scale={scale} colours={colours} />
      <path d={linePath(previous, scale)} stroke={colours.quiet} strokeWidth="1.5" strokeDasharray="1.5 4" />
      <PeakMark data={data} scale={scale} colours={colours} />
      <path d={linePath(values, scale)} stroke={colour} strokeWidth="2.25" />
      {/* A value without neighbours would be a line without length. */}
      {only === null ? null : <circle cx={scale.x(only)} cy={scale.y(values[only] ?? 0)} r="3.5" fill={colour} />}
      <OpenInterval data={data} scale={scale} colour={colour} surface={colours.surface} />
    </g>
  );
}

/** The interval in progress: a dashed line to the expected value, its range, and the count so far. */
function OpenInterval({ data, scale, colour, surface }: LinesProps & { colour: string; surface: string }) {
  const { openFrom, expected, points } = data;
  if (openFrom === undefined) return null;
  const soFar = points[openFrom]?.value ?? null;
  const x = scale.x(openFrom);
  return (
    <>
      {expected ? (
        <line x1={x} x2={x} y1={scale.y(expected.low)} y2={scale.y(expected.high)} stroke={colour} strokeWidth="9" strokeOpacity="0.28" strokeLinecap="round" />
      ) : null}
      <path d={linePath(openSegment(data) ?? [], scale)} stroke={colour} strokeWidth="2" strokeDasharray="5 4" />
      {soFar === null ? null : <circle cx={x} cy={scale.y(soFar)} r="4.5" fill={surface} stroke={colour} strokeWidth="2" />}
    </>
  );
}

/** The high-water mark: a dashed line at the record. */
function PeakMark({ data, scale, colours }: LinesProps & { colours: ChartColours }) {
  const mark = peakToDraw(data);
  if (!mark) return null;
  const y = scale.y(mark.value);
  return (
    <>
      <line x1={scale.left} x2={scale.right} y1={y} y2={y} stroke={colours.mark} strokeWidth="1.25" strokeDasharray="6 4" />
      {/* Its edge covers the line of a note that crosses it. */}
      <text x={scale.left + 4} y={y - 6} fill={colours.mark} fontWeight="600" stroke={colours.surface} strokeWidth="4" paintOrder="stroke">
        {t.charts.peakOn(shortValue(mark.value, data.unit), axisLabel(mark.start, data.interval, data.timezone))}
      </text>
    </>
  );
}

function Pins({ data, scale, colours }: LinesProps & { colours: ChartColours }) {
  return pinsOf(data).map(({ number, index }) => (
    <g key={number}>
      <line x1={scale.x(index)} x2={scale.x(index)} y1={scale.top} y2={scale.bottom} stroke={colours.quiet} strokeDasharray="2 3" />
      <circle cx={scale.x(index)} cy={scale.top - 12} r="9" fill={colours.surface} stroke={colours.quiet} />
      <text x={scale.x(index)} y={scale.top - 12} dy="0.35em" textAnchor="middle" fontSize="11" fill={colours.text}>
        {number}
      </text>
    </g>
  ));
}
