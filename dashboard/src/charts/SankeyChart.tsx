import { ScrollArea } from "@mantine/core";
import { useCallback } from "react";
import { exactNumber } from "../format/numbers";
import { t } from "../texts";
import { Chart, type ChartOption } from "./Chart";
import { seriesStyle, type ChartColours } from "./palette";
import { tooltipContent, tooltipStyle } from "./tooltip";

/** How often one node led to the next. */
export interface SankeyLink {
  /** From 1. */
  step: number;
  from: string;
  to: string;
  count: number;
}

const ROW_HEIGHT = 34;

/** Links from left to right, with a column of nodes for each step. */
export function SankeyChart({ links, label }: { links: SankeyLink[]; label: string }) {
  const option = useCallback((colours: ChartColours) => chartOption(links, colours), [links]);
  const perStep = new Map<number, Set<string>>();
  for (const { step, to } of links) perStep.set(step, (perStep.get(step) ?? new Set()).add(to));
  const maxNodes = Math.max(6, ...[...perStep.values()].map((names) => names.size));
  const steps = new Set(links.map(({ step }) => step)).size + 1;
  return (
    <ScrollArea type="auto" scrollbarSize={8} offsetScrollbars viewportProps={{ tabIndex: 0, role: "group", "aria-label": label }}>
      <div style={{ minWidth: steps * 150 }}>
        <Chart option={option} height={Math.min(900, maxNodes * ROW_HEIGHT + 40)} label={label} />
      </div>
    </ScrollArea>
  );
}

/** The id of a node: the same name may be at several steps. */
function nodeId(step: number, name: string): string {
  return `${step} ${name}`;
}

function chartOption(links: SankeyLink[], colours: ChartColours): ChartOption {
  const names = new Map<string, { name: string; step: number }>();
  for (const { step, from, to } of links) {
    names.set(nodeId(step, from), { name: from, step });
    names.set(nodeId(step + 1, to), { name: to, step: step + 1 });
  }
  const distinct = [...new Set([...names.values()].map(({ name }) => name))];
  const colour = (name: string) => seriesStyle(colours, distinct.indexOf(name)).colour;
  return {
    tooltip: {
      ...tooltipStyle(colours),
      formatter: (items) => {
        const item = Array.isArray(items) ? items[0] : items;
        if (item?.dataType !== "edge") {
          const known = names.get(item?.name ?? "");
          return tooltipContent(known?.name ?? "", [{ label: t.charts.times, value: exactNumber(Number(item?.value ?? 0)) }]);
        }
        const link = links[item.dataIndex];
        return tooltipContent(link ? `${link.from} → ${link.to}` : "", [
          { label: t.charts.times, value: exactNumber(link?.count ?? 0) },
        ]);
      },
    },
    series: [
      {
        type: "sankey",
        id: "links",
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
        links: links.map(({ step, from, to, count }) => ({ source: nodeId(step, from), target: nodeId(step + 1, to), value: count })),
      },
    ],
  };
}
