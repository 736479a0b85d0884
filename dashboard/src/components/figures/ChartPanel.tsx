import { ActionIcon, Group, Tooltip } from "@mantine/core";
import { IconChartBar, IconTable } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useShortcut } from "../../report/useShortcut";
import { t } from "../../texts";
import { SavePicture } from "../download/SavePicture";
import { Panel } from "../page/Panel";
import { useAddressSet } from "../page/useAddressState";

interface ChartPanelProps {
  title: string;
  actions?: ReactNode;
  chart: ReactNode;
  /** The chart's content as a table. */
  table: () => ReactNode;
}

/** A chart that can also be read as a table. */
export function ChartPanel({ title, actions, chart, table }: ChartPanelProps) {
  const [tables, toggleTable] = useAddressSet("tables");
  const asTable = tables.has(title);
  const label = asTable ? t.common.showAsChart : t.common.showAsTable;
  const toggle = () => {
    toggleTable(title);
  };
  useShortcut("t", toggle);
  return (
    <Panel
      title={title}
      actions={
        <Group gap="sm">
          {actions}
          <SavePicture name={title} elementOf={(button) => button.closest("section")} />
          <Tooltip label={label}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`${label}: ${title}`}
              aria-keyshortcuts="T"
              onClick={toggle}
            >
              {asTable ? <IconChartBar size={17} stroke={1.7} /> : <IconTable size={17} stroke={1.7} />}
            </ActionIcon>
          </Tooltip>
        </Group>
      }
    >
      {asTable ? table() : chart}
    </Panel>
  );
}
