import { Button, Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import type { Tile, useChangeDashboard } from "../../api/insights/dashboards";
import { t } from "../../texts";
import { AddInsight, EditText } from "./AddTile";

interface AddMenuProps {
  project: Project;
  tiles: readonly Tile[];
  setTiles: (items: Tile[], onDone: () => void) => void;
  mutation: ReturnType<typeof useChangeDashboard>;
}

/** The button that adds a saved insight or a text to a dashboard. */
export function AddMenu({ project, tiles, setTiles, mutation }: AddMenuProps) {
  const [adding, setAdding] = useState<"insight" | "text" | null>(null);
  const close = () => {
    setAdding(null);
    mutation.reset();
  };
  const add = (tile: Tile) => {
    setTiles([...tiles, tile], close);
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="sm" leftSection={<IconPlus size={16} />}>
            {t.dashboards.add}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            onClick={() => {
              setAdding("insight");
            }}
          >
            {t.dashboards.addInsight}
          </Menu.Item>
          <Menu.Item
            onClick={() => {
              setAdding("text");
            }}
          >
            {t.dashboards.addText}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {adding === "insight" ? <AddInsight project={project} tiles={tiles} mutation={mutation} onAdd={add} onClose={close} /> : null}
      {adding === "text" ? (
        <EditText
          title={t.dashboards.addTextTitle}
          submitLabel={t.dashboards.add}
          mutation={mutation}
          onSubmit={(text) => {
            add({ insight_id: null, text, layout: { width: 12 }, projects: null });
          }}
          onClose={close}
        />
      ) : null}
    </>
  );
}
