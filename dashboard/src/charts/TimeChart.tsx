import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { TimeChartData } from "./timeChartData";

// ECharts is most of the script; it is loaded with the first chart.
const TimeChartCanvas = lazy(() => import("./TimeChartCanvas").then((module) => ({ default: module.TimeChartCanvas })));

export interface TimeChartProps extends TimeChartData {
  /** What the chart shows, in words, for screen readers. */
  label: string;
  /** In pixels. */
  height?: number;
  /** Runs when an interval is clicked. */
  onPoint?: ((index: number) => void) | undefined;
}

/**
 * One metric over time.
 *
 * The interval in progress is open: its line is dashed to the expected value, and what has been
 * counted so far is a hollow point, never a fall. The record is a dashed line, notes are numbered pins.
 */
export function TimeChart({ height = 280, ...props }: TimeChartProps) {
  return (
    <Suspense fallback={<Skeleton height={height} />}>
      <TimeChartCanvas height={height} {...props} />
    </Suspense>
  );
}
