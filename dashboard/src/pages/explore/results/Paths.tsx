import { Menu } from "@mantine/core";
import { IconArrowBarRight, IconArrowBarToRight, IconEyeOff, IconUsers } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import type { PathsResult } from "../../../api/insights/insights";
import { SankeyChart, type SankeyNode } from "../../../charts/SankeyChart";
import { DataTable } from "../../../components/tables/DataTable";
import { Door } from "../../../components/figures/Door";
import { useShowFigure } from "../../../components/figures/figureAddress";
import { DownloadCsv } from "../../../components/download/DownloadCsv";
import { ChoiceBar } from "../../../components/forms/ChoiceBar";
import { Panel } from "../../../components/page/Panel";
import { exactNumber } from "../../../format/numbers";
import { valueName } from "../../../format/valueName";
import { t } from "../../../texts";
import type { InsightQuery, PathsQuery } from "../query/insightQuery";
import { sentence } from "../query/sentence";
import { useView } from "../query/view";
import { NoResult } from "./NoResult";
import { edgePoint, nodePoint, pathColumns } from "./pathColumns";

interface PathsProps {
  result: PathsResult;
  query: PathsQuery;
  /** The query as it was sent. */
  body: Record<string, unknown>;
  change: (query: InsightQuery) => void;
}

/** Which event or page led to which, step by step: the wider the link, the more often; grey: where visits ended. */
export function Paths({ result, query, body, change }: PathsProps) {
  const [view, setView] = useView();
  const { links, nodes } = useMemo(() => pathColumns(result), [result]);
  const isTable = view.chart === "table";
  return (
    <Panel
      title={t.insights.visits(result.visits)}
      actions={
        <ChoiceBar
          label={t.explore.chart}
          data={[
            { value: "", label: t.explore.flow },
            { value: "table", label: t.explore.charts.table },
          ]}
          value={isTable ? "table" : ""}
          onChange={(chart) => {
            setView({ chart });
          }}
        />
      }
    >
      {links.length === 0 ? <NoResult title={t.insights.noPaths[result.by]} query={query} /> : null}
      {links.length > 0 && !isTable ? (
        <Flow links={links} nodes={nodes} result={result} query={query} body={body} change={change} />
      ) : null}
      {links.length > 0 && isTable ? <EdgesTable result={result} name={sentence(query)} body={body} /> : null}
    </Panel>
  );
}

interface FlowProps extends PathsProps {
  links: ReturnType<typeof pathColumns>["links"];
  nodes: ReturnType<typeof pathColumns>["nodes"];
}

/** The chart, and the menu of the node that was clicked. */
function Flow({ links, nodes, result, query, body, change }: FlowProps) {
  const [chosen, setChosen] = useState<{ value: string; column: number; x: number; y: number } | null>(null);
  const show = useShowFigure();
  const open = useCallback((node: SankeyNode, x: number, y: number) => {
    if (node.value !== null) setChosen({ value: node.value, column: node.column, x, y });
  }, []);
  const value = chosen?.value ?? "";
  return (
    <div style={{ position: "relative" }}>
      <SankeyChart links={links} nodes={nodes} label={t.insights.pathsSummary[result.by]} onNode={open} />
      <Menu
        opened={chosen !== null}
        onChange={() => {
          setChosen(null);
        }}
        position="bottom-start"
        width={220}
      >
        <Menu.Target>
          <span aria-hidden="true" style={{ position: "absolute", left: chosen?.x ?? 0, top: chosen?.y ?? 0 }} />
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label style={{ overflowWrap: "anywhere" }}>{value}</Menu.Label>
          {chosen && show ? (
            <Menu.Item
              leftSection={<IconUsers size={15} />}
              onClick={() => {
                show({ title: t.explore.usersBehind(value), question: { kind: "paths", query: body, point: nodePoint(result, chosen) } });
              }}
            >
              {t.explore.usersOfNode}
            </Menu.Item>
          ) : null}
          <Menu.Item
            leftSection={<IconArrowBarRight size={15} />}
            onClick={() => {
              change({ ...query, start: value, end: null });
            }}
          >
            {t.explore.startHere}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowBarToRight size={15} />}
            onClick={() => {
              change({ ...query, start: null, end: value });
            }}
          >
            {t.explore.endHere}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconEyeOff size={15} />}
            disabled={value === query.start || value === query.end}
            onClick={() => {
              change({ ...query, hidden: [...new Set([...query.hidden, value])] });
            }}
          >
            {t.explore.hide}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function EdgesTable({ result, name, body }: { result: PathsResult; name: string; body: Record<string, unknown> }) {
  const { fromTo, step, times, users } = t.insights.pathsColumns;
  const rows = result.edges.map((edge) => ({ ...edge, label: t.insights.fromTo(nodeName(edge.source), nodeName(edge.target)) }));
  return (
    <>
      <div style={{ textAlign: "right" }}>
        <DownloadCsv
          name={name}
          rows={() => [[fromTo, step, times, users], ...rows.map(({ label, step: at, count, persons }) => [label, at, count, persons])]}
        />
      </div>
      <DataTable
        caption={t.insights.pathsCaption}
        columns={[fromTo, step, times, users]}
        rows={rows.map(({ label, ...edge }, index) => ({
          key: String(index),
          cells: [
            label,
            String(edge.step),
            exactNumber(edge.count),
            <Door key="users" figure={t.explore.usersBehind(label)} question={{ kind: "paths", query: body, point: edgePoint(edge) }}>
              {exactNumber(edge.persons)}
            </Door>,
          ],
        }))}
      />
    </>
  );
}

/** Name an event or a page; null: one beyond the most frequent. */
function nodeName(node: string | null): string {
  return valueName(node, node === null);
}
