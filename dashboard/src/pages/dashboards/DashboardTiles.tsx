import { Skeleton } from "@mantine/core";
import { useRef } from "react";
import type { Project, SavedInsight } from "../../api/requests/client";
import type { Tile } from "../../api/insights/dashboards";
import { useSavedInsights } from "../../api/insights/savedInsights";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import classes from "./Dashboard.module.css";
import { InsightTile } from "./InsightTile";
import { ProjectsTile } from "./ProjectsTile";
import { LayoutTools } from "./LayoutTools";
import { TextTile, textTitle } from "./TextTile";
import { TileFrame } from "./TileFrame";
import { TileMenu } from "./TileMenu";
import { moved, tileKeys, tileWidth } from "./tiles";

interface DashboardTilesProps {
  project: Project;
  tiles: readonly Tile[];
  mayEdit: boolean;
  /** Whether the tiles are being arranged. */
  isEditing: boolean;
  setTiles: (items: Tile[]) => void;
  /** Take a saved tile off the dashboard at once. */
  onRemove: (tile: Tile, title: string) => void;
}

/** The tiles of a dashboard in their order. */
export function DashboardTiles({ project, tiles, mayEdit, isEditing, setTiles, onRemove }: DashboardTilesProps) {
  const saved = useSavedInsights(project.id);
  const grid = useRef<HTMLDivElement>(null);
  if (saved.data === undefined) {
    return saved.error ? <ErrorAlert error={saved.error} retry={() => void saved.refetch()} /> : <Skeleton height={280} radius="lg" />;
  }
  const keys = tileKeys(tiles);
  return (
    <div className={classes.grid} ref={grid}>
      {tiles.map((tile, index) => {
        const insight = saved.data.find(({ id }) => id === tile.insight_id);
        const title = tile.text === null ? (insight?.name ?? t.dashboards.insightGone) : textTitle(tile.text);
        const width = tileWidth(tile.layout);
        const change = (next: Tile) => {
          setTiles(tiles.map((one) => (one === tile ? next : one)));
        };
        return (
          <TileFrame
            key={keys[index]}
            id={String(tile.insight_id ?? "text")}
            title={title}
            width={width}
            actions={
              isEditing ? (
                <LayoutTools
                  title={title}
                  width={width}
                  isFirst={index === 0}
                  isLast={index === tiles.length - 1}
                  onMove={(by) => {
                    setTiles(moved(tiles, index, by));
                  }}
                  onWidth={(next) => {
                    change({ ...tile, layout: { ...tile.layout, width: next } });
                  }}
                  onRemove={() => {
                    setTiles(tiles.filter((one) => one !== tile));
                    // The button that had the focus is gone; the tile in its place takes it.
                    requestAnimationFrame(() => grid.current?.children.item(Math.min(index, tiles.length - 2))?.querySelector("button")?.focus());
                  }}
                />
              ) : (
                <TileMenu
                  project={project}
                  title={title}
                  insight={insight}
                  tile={tile}
                  mayEdit={mayEdit}
                  onChange={change}
                  onRemove={() => {
                    onRemove(tile, title);
                  }}
                />
              )
            }
          >
            <Content project={project} tile={tile} insight={insight} />
          </TileFrame>
        );
      })}
    </div>
  );
}

function Content({ project, tile, insight }: { project: Project; tile: Tile; insight: SavedInsight | undefined }) {
  if (tile.text !== null) return <TextTile text={tile.text} />;
  if (!insight) return null;
  return tile.projects ? <ProjectsTile project={project} saved={insight} projects={tile.projects} /> : <InsightTile project={project} saved={insight} />;
}
