import { useReducedMotion } from "@mantine/hooks";
import { BarChart, LineChart, PieChart, SankeyChart } from "echarts/charts";
import type { BarSeriesOption, LineSeriesOption, PieSeriesOption, SankeySeriesOption } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import type { GridComponentOption, MarkLineComponentOption, TooltipComponentOption } from "echarts/components";
import { init, use as register, type ComposeOption, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { FONT } from "../theme";
import { COLOURS, type ChartColours } from "./palette";
import { useScheme } from "./useColours";

register([BarChart, LineChart, PieChart, SankeyChart, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export type ChartOption = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | PieSeriesOption
  | SankeySeriesOption
  | GridComponentOption
  | MarkLineComponentOption
  | TooltipComponentOption
>;

interface ChartProps {
  /** What to draw, in the colours of the scheme in force. Memoise it: a new one is drawn anew. */
  option: (colours: ChartColours) => ChartOption;
  /** What the chart shows, in words, for those who do not see it. */
  label: string;
  /** In pixels. */
  height: number;
}

/** A chart that fills its container's width, follows the colour scheme, and cleans up after itself. */
export function Chart({ option, label, height }: ChartProps) {
  const scheme = useScheme();
  const still = useReducedMotion();
  const container = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);

  useEffect(() => {
    const element = container.current;
    if (!element) return undefined;
    const made = init(element, null, { renderer: "svg" });
    chart.current = made;
    const observer = new ResizeObserver(() => {
      made.resize();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    const colours = COLOURS[scheme];
    const base = { animation: !still, animationDuration: 300, animationDurationUpdate: 300 };
    chart.current?.setOption(
      { ...base, textStyle: { color: colours.text, fontFamily: FONT }, ...option(colours) },
      { replaceMerge: ["series", "xAxis", "yAxis"] },
    );
  }, [option, scheme, still]);

  return <div ref={container} role="img" aria-label={label} style={{ width: "100%", height }} />;
}
