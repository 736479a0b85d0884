import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { Link } from "react-router";
import type { Project, SavedInsight } from "../../api/requests/client";
import type { Tile } from "../../api/insights/dashboards";
import { PictureFailed, useSavePicture } from "../../components/download/SavePicture";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { insightPath } from "../explore/query/useInsightQuery";
import { openInsight } from "../explore/saved/editing";
import { EditText } from "./AddTile";
import { ChooseProjects } from "./ChooseProjects";
import { tileBody } from "./InsightTile";
import { canAskProjects } from "./tiles";

interface TileMenuProps {
  project: Project;
  title: string;
  tile: Tile;
  /** What the tile shows; undefined: a text, or an insight that was deleted. */
  insight: SavedInsight | undefined;
  mayEdit: boolean;
  onChange: (tile: Tile) => void;
  onRemove: () => void;
}

/** What can be done with a tile. */
export function TileMenu({ project, title, tile, insight, mayEdit, onChange, onRemove }: TileMenuProps) {
  const report = useReport();
  const [isEditing, setEditing] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  const open = insight ? openInsight(insight) : null;
  const button = useRef<HTMLButtonElement>(null);
  const picture = useSavePicture(title);
  if (!mayEdit && open === null) return null;
  return (
    <>
      {picture.error ? <PictureFailed /> : null}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon ref={button} variant="subtle" color="gray" aria-label={t.dashboards.tileActions(title)}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {insight && open ? (
            <Menu.Item
              component={Link}
              to={insightPath(project.id, open.kind, tileBody(open.kind, open.body, report), insight.id, open.view)}
            >
              {t.dashboards.open}
            </Menu.Item>
          ) : null}
          <Menu.Item
            disabled={picture.isPending}
            onClick={() => {
              picture.save(button.current?.closest("section") ?? null);
            }}
          >
            {t.common.savePicture}
          </Menu.Item>
          {mayEdit && tile.text !== null ? (
            <Menu.Item
              onClick={() => {
                setEditing(true);
              }}
            >
              {t.dashboards.editText}
            </Menu.Item>
          ) : null}
          {mayEdit && insight && canAskProjects(insight) ? (
            <Menu.Item
              onClick={() => {
                setChoosing(true);
              }}
            >
              {t.dashboards.projects}
            </Menu.Item>
          ) : null}
          {mayEdit ? (
            <Menu.Item c="var(--mantine-color-error)" onClick={onRemove}>
              {t.dashboards.remove}
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {isChoosing ? (
        <ChooseProjects
          project={project}
          chosen={tile.projects}
          onSubmit={(projects) => {
            onChange({ ...tile, projects });
            setChoosing(false);
          }}
          onClose={() => {
            setChoosing(false);
          }}
        />
      ) : null}
      {isEditing ? (
        <EditText
          title={t.dashboards.editText}
          submitLabel={t.dashboards.save}
          text={tile.text ?? ""}
          onSubmit={(text) => {
            onChange({ ...tile, text });
            setEditing(false);
          }}
          onClose={() => {
            setEditing(false);
          }}
        />
      ) : null}
    </>
  );
}
