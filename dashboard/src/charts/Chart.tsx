import { BarChart, LineChart, SankeyChart } from "echarts/charts";
import type { BarSeriesOption, LineSeriesOption, SankeySeriesOption } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import type { GridComponentOption, MarkLineComponentOption, TooltipComponentOption } from "echarts/components";
import { init, use as register, type ComposeOption, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef, useState, type RefObject } from "react";
import { flushSync } from "react-dom";
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
  /** What to draw, in the colours of the current scheme and in so many pixels. Memoise it: a new function is drawn again. */
  option: (colours: ChartColours, width: number) => ChartOption;
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

/** An ECharts chart as wide as its container, in the current colour scheme; drawn once its place is seen, or printed. */
export function Chart({ option, label, height, onPoint, onItem, onColumn }: ChartProps) {
  const scheme = useScheme();
  const container = useRef<HTMLDivElement>(null);
  const { chart, width } = useChart(container);

  useEffect(() => {
    const colours = COLOURS[scheme];
    chart?.setOption(
      // A board draws many at once: moving each of them into place would take longer than to draw them.
      { animation: false, textStyle: { color: colours.text, fontFamily: FONT }, ...option(colours, width) },
      { replaceMerge: ["series", "xAxis", "yAxis"] },
    );
  }, [chart, option, scheme, width]);

  useEffect(() => {
    const area = chart?.getZr();
    if (!area || !onPoint) return undefined;
    const choose = ({ offsetX, offsetY }: { offsetX: number; offsetY: number }) => {
      const position = chart?.containPixel("grid", [offsetX, offsetY]) ? chart.convertFromPixel("grid", [offsetX, offsetY]) : [];
      if (position[0] !== undefined) onPoint(position[0]);
    };
    area.on("click", choose);
    return () => {
      area.off("click", choose);
    };
  }, [chart, onPoint]);

  useEffect(() => {
    if (!chart || !onItem) return undefined;
    const choose = ({ name, event }: { name: string; event?: { offsetX: number; offsetY: number } | undefined }) => {
      onItem(name, event?.offsetX ?? 0, event?.offsetY ?? 0);
    };
    chart.on("click", choose);
    return () => {
      chart.off("click", choose);
    };
  }, [chart, onItem]);

  useEffect(() => {
    if (!chart || !onColumn) return undefined;
    const choose = ({ seriesIndex, dataIndex }: { seriesIndex?: number | undefined; dataIndex: number }) => {
      if (seriesIndex !== undefined) onColumn(seriesIndex, dataIndex);
    };
    chart.on("click", choose);
    return () => {
      chart.off("click", choose);
    };
  }, [chart, onColumn]);

  return <div ref={container} role="img" aria-label={label} style={{ width: "100%", height }} />;
}

/**
 * Create the chart of an element when its size is known, and keep it of that size.
 *
 * The observer tells the size. Asking the element for it would lay the whole page out again for each chart.
 */
function useChart(container: RefObject<HTMLDivElement | null>): { chart: EChartsType | null; width: number } {
  const [chart, setChart] = useState<EChartsType | null>(null);
  const [drawnWidth, setDrawnWidth] = useState(0);
  useEffect(() => {
    const element = container.current;
    if (!element) return undefined;
    let created: EChartsType | null = null;
    const fit = (width: number, height: number) => {
      setDrawnWidth(width);
      if (created) created.resize({ width, height });
      else if (width > 0) {
        created = init(element, null, { renderer: "svg", width, height });
        setChart(created);
      }
    };
    const observer = new ResizeObserver(([entry]) => {
      fit(entry?.contentRect.width ?? 0, entry?.contentRect.height ?? 0);
    });
    // What was never seen on the screen is on paper.
    const drawUnseen = () => {
      if (!created) flushSync(() => { fit(element.clientWidth, element.clientHeight); });
    };
    observer.observe(element);
    window.addEventListener("beforeprint", drawUnseen);
    return () => {
      window.removeEventListener("beforeprint", drawUnseen);
      observer.disconnect();
      created?.dispose();
      setChart(null);
    };
  }, [container]);
  return { chart, width: drawnWidth };
}
