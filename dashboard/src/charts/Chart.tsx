import { useReducedMotion } from "@mantine/hooks";
import { BarChart, LineChart, SankeyChart } from "echarts/charts";
import type { BarSeriesOption, LineSeriesOption, SankeySeriesOption } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import type { GridComponentOption, MarkLineComponentOption, TooltipComponentOption } from "echarts/components";
import { init, use as register, type ComposeOption, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { FONT } from "../theme";
import { COLOURS, type ChartColours } from "./palette";
import { useScheme } from "./useColours";

register([BarChart, LineChart, SankeyChart, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export type ChartOption = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | SankeySeriesOption
  | GridComponentOption
  | MarkLineComponentOption
  | TooltipComponentOption
>;

interface ChartProps {
  /** What to draw, in the colours of the current scheme. Memoise it: a new function is drawn again. */
  option: (colours: ChartColours) => ChartOption;
  /** What the chart shows, in words, for screen readers. */
  label: string;
  /** In pixels. */
  height: number;
  /** Runs when an interval of the horizontal axis is clicked. */
  onPoint?: ((index: number) => void) | undefined;
  /** Runs when a named part is clicked, such as a node: its name, and where in the chart. */
  onItem?: ((name: string, x: number, y: number) => void) | undefined;
  /** Runs when a column is clicked: the indexes of its series and of its value. */
  onColumn?: ((series: number, index: number) => void) | undefined;
}

/** An ECharts chart as wide as its container, in the current colour scheme. */
export function Chart({ option, label, height, onPoint, onItem, onColumn }: ChartProps) {
  const scheme = useScheme();
  const isReduced = useReducedMotion();
  const container = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);

  useEffect(() => {
    const element = container.current;
    if (!element) return undefined;
    const created = init(element, null, { renderer: "svg" });
    chart.current = created;
    const observer = new ResizeObserver(() => {
      created.resize();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      created.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    const colours = COLOURS[scheme];
    const base = { animation: !isReduced, animationDuration: 300, animationDurationUpdate: 300 };
    chart.current?.setOption(
      { ...base, textStyle: { color: colours.text, fontFamily: FONT }, ...option(colours) },
      { replaceMerge: ["series", "xAxis", "yAxis"] },
    );
  }, [option, scheme, isReduced]);

  useEffect(() => {
    const area = chart.current?.getZr();
    if (!area || !onPoint) return undefined;
    const choose = ({ offsetX, offsetY }: { offsetX: number; offsetY: number }) => {
      const position = chart.current?.containPixel("grid", [offsetX, offsetY]) ? chart.current.convertFromPixel("grid", [offsetX, offsetY]) : [];
      if (position[0] !== undefined) onPoint(position[0]);
    };
    area.on("click", choose);
    return () => {
      area.off("click", choose);
    };
  }, [onPoint]);

  useEffect(() => {
    const current = chart.current;
    if (!current || !onItem) return undefined;
    const choose = ({ name, event }: { name: string; event?: { offsetX: number; offsetY: number } | undefined }) => {
      onItem(name, event?.offsetX ?? 0, event?.offsetY ?? 0);
    };
    current.on("click", choose);
    return () => {
      current.off("click", choose);
    };
  }, [onItem]);

  useEffect(() => {
    const current = chart.current;
    if (!current || !onColumn) return undefined;
    const choose = ({ seriesIndex, dataIndex }: { seriesIndex?: number | undefined; dataIndex: number }) => {
      if (seriesIndex !== undefined) onColumn(seriesIndex, dataIndex);
    };
    current.on("click", choose);
    return () => {
      current.off("click", choose);
    };
  }, [onColumn]);

  return <div ref={container} role="img" aria-label={label} style={{ width: "100%", height }} />;
}
