import { ScrollArea } from "@mantine/core";
import { useCallback } from "react";
import { exactNumber } from "../format/numbers";
import { Chart, type ChartOption } from "./Chart";
import { seriesStyle, type ChartColours } from "./palette";
import { tooltipContent, tooltipStyle } from "./tooltip";

/** From one thing to the next, at one step of the way (from 1). */
export interface SankeyLink {
  step: number;
  from: string;
  to: string;
  count: number;
}

const ROW = 34;

/** Streams from left to right, a column for each step. */
export function SankeyChart({ streams, label }: { streams: SankeyLink[]; label: string }) {
  const option = useCallback((colours: ChartColours) => chartOption(streams, colours), [streams]);
  const perStep = new Map<number, Set<string>>();
  for (const { step, to } of streams) perStep.set(step, (perStep.get(step) ?? new Set()).add(to));
  const most = Math.max(6, ...[...perStep.values()].map((names) => names.size));
  const steps = new Set(streams.map(({ step }) => step)).size + 1;
  return (
    <ScrollArea type="auto" scrollbarSize={8} offsetScrollbars>
      <div style={{ minWidth: steps * 150 }}>
        <Chart option={option} height={Math.min(900, most * ROW + 40)} label={label} />
      </div>
    </ScrollArea>
  );
}

/** A thing at a step: the same event may come at several. */
function node(step: number, name: string): string {
  return `${step} ${name}`;
}

function chartOption(streams: SankeyLink[], colours: ChartColours): ChartOption {
  const names = new Map<string, { name: string; step: number }>();
  for (const { step, from, to } of streams) {
    names.set(node(step, from), { name: from, step });
    names.set(node(step + 1, to), { name: to, step: step + 1 });
  }
  const kinds = [...new Set([...names.values()].map(({ name }) => name))];
  const colour = (name: string) => seriesStyle(colours, kinds.indexOf(name)).colour;
  return {
    tooltip: {
      ...tooltipStyle(colours),
      formatter: (hovered) => {
        const item = Array.isArray(hovered) ? hovered[0] : hovered;
        if (item?.dataType !== "edge") {
          const known = names.get(item?.name ?? "");
          return tooltipContent(known?.name ?? "", [{ label: "Times", value: exactNumber(Number(item?.value ?? 0)) }]);
        }
        const stream = streams[item.dataIndex];
        return tooltipContent(stream ? `${stream.from} → ${stream.to}` : "", [
          { label: "Times", value: exactNumber(stream?.count ?? 0) },
        ]);
      },
    },
    series: [
      {
        type: "sankey",
        id: "flow",
        left: 4,
        right: 130,
        top: 8,
        bottom: 8,
        nodeWidth: 10,
        nodeGap: 12,
        draggable: false,
        emphasis: { focus: "adjacency" },
        lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
        label: {
          color: colours.text,
          width: 118,
          overflow: "truncate",
          formatter: ({ name }) => names.get(name)?.name ?? "",
        },
        data: [...names].map(([id, { name, step }]) => ({ name: id, depth: step - 1, itemStyle: { color: colour(name), borderWidth: 0 } })),
        links: streams.map(({ step, from, to, count }) => ({ source: node(step, from), target: node(step + 1, to), value: count })),
      },
    ],
  };
}
