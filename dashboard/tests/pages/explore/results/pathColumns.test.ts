import { expect, test } from "vitest";
import { edgePoint, nodePoint, pathColumns } from "../../../../src/pages/explore/results/pathColumns";

const edge = (step: number, source: string | null, target: string | null) => ({ step, source, target, count: 3, persons: 2 });

test("a node leads to whoever came there, one of the first column to whoever went on", () => {
  const result = { edges: [edge(1, "a", "b"), edge(2, "b", "c")], nodes: [] };
  const points = pathColumns(result).nodes.map((node) => [node.name, nodePoint(result, node)]);
  expect(points).toEqual([
    ["a", { step: 1, source: "a" }],
    ["b", { step: 1, target: "b" }],
    ["c", { step: 2, target: "c" }],
  ]);
});

test("paths up to an event are read backwards: a node leads to whoever went on from there", () => {
  const result = { edges: [edge(-1, "b", "end"), edge(-2, "a", "b")], nodes: [] };
  const points = new Map(pathColumns(result).nodes.map((node) => [node.name, nodePoint(result, node)]));
  expect(Object.fromEntries(points)).toEqual({
    a: { step: -2, source: "a" },
    b: { step: -1, source: "b" },
    end: { step: -1, target: "end" },
  });
});

test("an edge between what is not among the most frequent says so", () => {
  expect(edgePoint(edge(2, null, "b"))).toEqual({ step: 2, is_other_source: true, target: "b" });
  expect(edgePoint(edge(2, "a", null))).toEqual({ step: 2, source: "a", is_other_target: true });
});
