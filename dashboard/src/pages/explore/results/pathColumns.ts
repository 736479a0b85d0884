import type { FigurePoint } from "../../../api/reports/figures";
import type { PathsResult } from "../../../api/insights/insights";
import type { SankeyLink, SankeyNode } from "../../../charts/SankeyChart";
import { valueName } from "../../../format/valueName";
import { t } from "../../../texts";

/**
 * Turn paths into columns of nodes and the links between them.
 *
 * A visit that ends at a node goes on to a grey one: without it, what is left would look like all. Paths up to an
 * end event are read backwards: their grey nodes are where visits began.
 */
export function pathColumns({ edges, nodes }: Pick<PathsResult, "edges" | "nodes">): { links: SankeyLink[]; nodes: SankeyNode[] } {
  const first = firstStep({ edges, nodes });
  // Steps up to an end event are negative: -1 is the last column.
  const columnOf = (step: number) => (first < 0 ? step - first : step - 1);
  const isBackwards = first < 0;
  const found = new Map<string, SankeyNode>();
  const add = (column: number, value: string | null, kind: "value" | "end") => {
    const id = `${column} ${kind} ${JSON.stringify(value)}`;
    const name = kind === "end" ? (isBackwards ? t.explore.began : t.explore.left) : valueName(value, value === null);
    found.set(id, { id, column, name, value, isEnd: kind === "end" });
    return id;
  };
  const links: SankeyLink[] = edges.map(({ step, source, target, count }) => {
    const column = columnOf(step);
    const [from, to] = isBackwards ? [column - 1, column] : [column, column + 1];
    return { from: add(from, source, "value"), to: add(to, target, "value"), count };
  });
  for (const { step, node, ended } of nodes) {
    const column = columnOf(step);
    const id = `${column} value ${JSON.stringify(node)}`;
    if (ended === 0 || !found.has(id)) continue;
    const end = add(isBackwards ? column - 1 : column + 1, null, "end");
    links.push(isBackwards ? { from: end, to: id, count: ended } : { from: id, to: end, count: ended });
  }
  return { links, nodes: [...found.values()] };
}

/** The users of an edge. */
export function edgePoint({ step, source, target }: PathsResult["edges"][number]): FigurePoint<"paths"> {
  return {
    step,
    ...(source === null ? { is_other_source: true } : { source }),
    ...(target === null ? { is_other_target: true } : { target }),
  };
}

/** The users of a node: those whom an edge leads there; of the first column those whom one leads on from there. */
export function nodePoint(result: Pick<PathsResult, "edges" | "nodes">, { column, value }: Pick<SankeyNode, "column" | "value">): FigurePoint<"paths"> {
  const first = firstStep(result);
  const node = value ?? "";
  if (first < 0) {
    const isLast = column === -first - 1;
    return isLast ? { step: -1, target: node } : { step: column + first + 1, source: node };
  }
  return column === 0 ? { step: 1, source: node } : { step: column, target: node };
}

/** Steps up to an end event are negative. */
function firstStep({ edges, nodes }: Pick<PathsResult, "edges" | "nodes">): number {
  return Math.min(0, ...nodes.map(({ step }) => step), ...edges.map(({ step }) => step - 1));
}
