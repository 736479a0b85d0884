import { Button, Group, Menu, Skeleton } from "@mantine/core";
import { useFullscreenElement } from "@mantine/hooks";
import { IconArrowsMaximize, IconDots, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/client";
import { useChangeDashboard, useDashboard, useDeleteDashboard, type Dashboard, type Tile } from "../../api/dashboards";
import { ApiError } from "../../api/errors";
import { isAtLeast } from "../../api/roles";
import { useSavedInsights } from "../../api/savedInsights";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { EmptyState } from "../../components/EmptyState";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { FormDialog } from "../../components/FormDialog";
import { PageTitle } from "../../components/PageTitle";
import { ReportContent } from "../../components/ReportContent";
import { useFormDialog } from "../../components/useFormDialog";
import { ReportBar } from "../../report/ReportBar";
import { t } from "../../texts";
import { AddInsight, EditText } from "./AddTile";
import classes from "./Dashboard.module.css";
import { DetailFields } from "./DashboardList";
import { InsightTile } from "./InsightTile";
import { ShareDashboard } from "./ShareDashboard";
import { TextTile, textTitle } from "./TextTile";
import { TileFrame } from "./TileFrame";
import { TileMenu } from "./TileMenu";
import { moved, tileWidth } from "./tiles";

/** A dashboard: its tiles, for the dates and filters of the bar above them. */
export function Board({ project, id }: { project: Project; id: string }) {
  const dashboard = useDashboard(project.id, id);
  if (dashboard.error instanceof ApiError && dashboard.error.status === 404) {
    return (
      <EmptyState
        title={t.dashboards.gone}
        action={<Link to={projectAddress(project.id, "/dashboards")}>{t.dashboards.all}</Link>}
      />
    );
  }
  return (
    <ReportContent result={dashboard} zone={project.timezone}>
      {(shown) => <LoadedBoard project={project} dashboard={shown} />}
    </ReportContent>
  );
}

function LoadedBoard({ project, dashboard }: { project: Project; dashboard: Dashboard }) {
  const change = useChangeDashboard(project.id);
  const { ref, toggle } = useFullscreenElement();
  const mayEdit = isAtLeast(project.role, "member");
  const tiles = dashboard.tiles.items;
  const setTiles = (items: Tile[], onDone?: () => void) => {
    change.mutate({ key: dashboard.id, changes: { tiles: { items } } }, onDone ? { onSuccess: onDone } : {});
  };
  return (
    <>
      <PageTitle
        title={dashboard.name}
        note={dashboard.description}
        actions={
          <Group gap="xs">
            {mayEdit ? <AddMenu project={project} tiles={tiles} setTiles={setTiles} mutation={change} /> : null}
            {mayEdit ? <ShareDashboard project={project} dashboard={dashboard} /> : null}
            <Button variant="default" size="sm" leftSection={<IconArrowsMaximize size={16} />} onClick={() => void toggle()}>
              {t.dashboards.present}
            </Button>
            {mayEdit ? <BoardMenu project={project} dashboard={dashboard} /> : null}
          </Group>
        }
      />
      <ReportBar project={project} hide={["compare", "interval"]} />
      {change.error ? <ErrorAlert title={t.dashboards.notChanged} error={change.error} /> : null}
      <div ref={ref} className={classes.board}>
        {tiles.length === 0 ? (
          <EmptyState title={t.dashboards.emptyBoardTitle} note={t.dashboards.emptyBoardNote} />
        ) : (
          <Tiles project={project} tiles={tiles} mayEdit={mayEdit} setTiles={setTiles} />
        )}
      </div>
    </>
  );
}

interface TilesProps {
  project: Project;
  tiles: readonly Tile[];
  mayEdit: boolean;
  setTiles: (items: Tile[]) => void;
}

function Tiles({ project, tiles, mayEdit, setTiles }: TilesProps) {
  const saved = useSavedInsights(project.id);
  if (saved.data === undefined) {
    return saved.error ? <ErrorAlert error={saved.error} retry={() => void saved.refetch()} /> : <Skeleton height={280} radius="lg" />;
  }
  return (
    <div className={classes.grid}>
      {tiles.map((tile, index) => {
        const insight = saved.data.find(({ id }) => id === tile.insight_id);
        const title = tile.text === null ? (insight?.name ?? t.dashboards.insightGone) : textTitle(tile.text);
        const width = tileWidth(tile.layout);
        return (
          <TileFrame
            key={tile.insight_id ?? `text ${String(index)}`}
            id={String(tile.insight_id ?? "text")}
            title={title}
            width={width}
            actions={
              <TileMenu
                project={project}
                title={title}
                insight={insight}
                tile={tile}
                mayEdit={mayEdit}
                place={{ isFirst: index === 0, isLast: index === tiles.length - 1 }}
                onChange={(next) => {
                  setTiles(tiles.map((one) => (one === tile ? next : one)));
                }}
                onMove={(by) => {
                  setTiles(moved(tiles, index, by));
                }}
                onRemove={() => {
                  setTiles(tiles.filter((one) => one !== tile));
                }}
              />
            }
          >
            {tile.text !== null ? <TextTile text={tile.text} /> : insight ? <InsightTile project={project} saved={insight} /> : null}
          </TileFrame>
        );
      })}
    </div>
  );
}

interface AddMenuProps {
  project: Project;
  tiles: readonly Tile[];
  setTiles: (items: Tile[], onDone: () => void) => void;
  mutation: ReturnType<typeof useChangeDashboard>;
}

function AddMenu({ project, tiles, setTiles, mutation }: AddMenuProps) {
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

function BoardMenu({ project, dashboard }: { project: Project; dashboard: Dashboard }) {
  const change = useChangeDashboard(project.id);
  const remove = useDeleteDashboard(project.id, dashboard.id);
  const details = useFormDialog({ name: dashboard.name, description: dashboard.description }, change);
  const [isDeleting, setDeleting] = useState(false);
  const navigate = useNavigate();
  const { name, description } = details.values;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" size="sm" aria-label={t.dashboards.more} px="xs">
            <IconDots size={16} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={details.open}>{t.dashboards.edit}</Menu.Item>
          <Menu.Item
            color="coral"
            onClick={() => {
              setDeleting(true);
            }}
          >
            {t.dashboards.delete}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <FormDialog
        opened={details.opened}
        onClose={details.close}
        title={t.dashboards.edit}
        mutation={change}
        submitLabel={t.dashboards.save}
        isReady={name.trim() !== ""}
        onSubmit={() => {
          change.mutate({ key: dashboard.id, changes: { name: name.trim(), description } }, { onSuccess: details.close });
        }}
      >
        <DetailFields name={name} description={description} set={details.set} />
      </FormDialog>
      <ConfirmDialog
        opened={isDeleting}
        onClose={() => {
          setDeleting(false);
          remove.reset();
        }}
        title={t.dashboards.deleteTitle(dashboard.name)}
        action={t.dashboards.delete}
        mutation={remove}
        onConfirm={() => {
          remove.mutate(undefined, {
            onSuccess: () => {
              void navigate(projectAddress(project.id, "/dashboards"), { replace: true });
            },
          });
        }}
      >
        {t.dashboards.deleteNote}
      </ConfirmDialog>
    </>
  );
}
