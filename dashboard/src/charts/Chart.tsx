import { useComputedColorScheme } from "@mantine/core";
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use as register, type ComposeOption, type EChartsType } from "echarts/core";
import type { BarSeriesOption, LineSeriesOption, PieSeriesOption } from "echarts/charts";
import type { GridComponentOption, LegendComponentOption, TooltipComponentOption } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

register([BarChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

export type ChartOption = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | PieSeriesOption
  | GridComponentOption
  | LegendComponentOption
  | TooltipComponentOption
>;

interface ChartProps {
  /** What to draw, for the colour scheme in force. */
  option: (colours: ChartColours) => ChartOption;
  /** What the chart shows, for those who do not see it. */
  label: string;
  height: number;
}

/** Colours of what is not data. */
export interface ChartColours {
  text: string;
  quiet: string;
  line: string;
  surface: string;
}

// Named, because ECharts measures labels without the page's styles.
const FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

const COLOURS: Record<"light" | "dark", ChartColours> = {
  light: { text: "#1f2a33", quiet: "#66737f", line: "#e3e8ec", surface: "#ffffff" },
  dark: { text: "#d7dee3", quiet: "#8b98a3", line: "#34393f", surface: "#242424" },
};

/** A chart that follows its container's size and the colour scheme. */
export function Chart({ option, label, height }: ChartProps) {
  const scheme = useComputedColorScheme("light");
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
    chart.current?.setOption(
      { animationDuration: 300, textStyle: { color: colours.text, fontFamily: FONT }, ...option(colours) },
      { replaceMerge: ["series", "xAxis", "yAxis"] },
    );
  }, [option, scheme]);

  return <div ref={container} role="img" aria-label={label} style={{ width: "100%", height }} />;
}
