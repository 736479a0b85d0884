import { ScrollArea } from "@mantine/core";
import { useCallback } from "react";
import { exactNumber } from "../format/numbers";
import { t } from "../texts";
import { Chart, type ChartOption } from "./Chart";
import { seriesStyle, type ChartColours } from "./palette";
import { tooltipContent, tooltipStyle } from "./tooltip";

/** A node of a column. */
export interface SankeyNode {
  /** Unique: the same name may be in several columns. */
  id: string;
  /** From 0. */
  column: number;
  name: string;
  /** What it stands for; null: no single value. */
  value: string | null;
  /** Where nothing follows. */
  isEnd: boolean;
}

/** How often one node led to another, by their ids. */
export interface SankeyLink {
  from: string;
  to: string;
  count: number;
}

interface SankeyChartProps {
  nodes: SankeyNode[];
  links: SankeyLink[];
  /** What the chart shows, in words. */
  label: string;
  /** Runs when a node is clicked, at which place of the chart. */
  onNode?: (node: SankeyNode, x: number, y: number) => void;
}

const ROW_HEIGHT = 34;
const COLUMN_WIDTH = 150;

/** Links from left to right, with a column of nodes for each step. */
export function SankeyChart({ nodes, links, label, onNode }: SankeyChartProps) {
  const option = useCallback((colours: ChartColours) => chartOption(nodes, links, colours), [nodes, links]);
  const onItem = useCallback(
    (id: string, x: number, y: number) => {
      const node = nodes.find((one) => one.id === id);
      if (node) onNode?.(node, x, y);
    },
    [nodes, onNode],
  );
  const columns = new Map<number, number>();
  for (const { column } of nodes) columns.set(column, (columns.get(column) ?? 0) + 1);
  const maxNodes = Math.max(6, ...columns.values());
  return (
    <ScrollArea type="auto" scrollbarSize={8} offsetScrollbars viewportProps={{ tabIndex: 0, role: "group", "aria-label": label }}>
      <div style={{ minWidth: columns.size * COLUMN_WIDTH }}>
        <Chart option={option} height={Math.min(900, maxNodes * ROW_HEIGHT + 40)} label={label} onItem={onItem} />
      </div>
    </ScrollArea>
  );
}

function chartOption(nodes: SankeyNode[], links: SankeyLink[], colours: ChartColours): ChartOption {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const distinct = [...new Set(nodes.filter(({ isEnd }) => !isEnd).map(({ name }) => name))];
  const colour = ({ name, isEnd }: SankeyNode) => (isEnd ? colours.rest : seriesStyle(colours, distinct.indexOf(name)).colour);
  return {
    tooltip: {
      ...tooltipStyle(colours),
      formatter: (items) => {
        const item = Array.isArray(items) ? items[0] : items;
        if (item?.dataType !== "edge") {
          return tooltipContent(byId.get(item?.name ?? "")?.name ?? "", [
            { label: t.charts.times, value: exactNumber(Number(item?.value ?? 0)) },
          ]);
        }
        const link = links[item.dataIndex];
        const title = link ? `${byId.get(link.from)?.name ?? ""} → ${byId.get(link.to)?.name ?? ""}` : "";
        return tooltipContent(title, [{ label: t.charts.times, value: exactNumber(link?.count ?? 0) }]);
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
          formatter: ({ name }) => byId.get(name)?.name ?? "",
        },
        data: nodes.map((node) => ({ name: node.id, depth: node.column, itemStyle: { color: colour(node), borderWidth: 0 } })),
        links: links.map(({ from, to, count }) => ({
          source: from,
          target: to,
          value: count,
          ...(byId.get(to)?.isEnd || byId.get(from)?.isEnd ? { lineStyle: { color: colours.rest, opacity: 0.16 } } : {}),
        })),
      },
    ],
  };
}
