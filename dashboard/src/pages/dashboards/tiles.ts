import { TILE_WIDTHS, type Tile, type TileWidth } from "../../api/insights/dashboards";

/** The width that a tile's layout says; half of the page, if it says none that there is. */
export function tileWidth(layout: Readonly<Record<string, unknown>>): TileWidth {
  return TILE_WIDTHS.find((width) => width === layout["width"]) ?? 6;
}

/** Whether an insight can be asked of several projects: series, without what is calculated from them. */
export function canAskProjects({ kind, query }: { kind: string; query: Readonly<Record<string, unknown>> }): boolean {
  return kind === "trends" && !query["breakdown"] && !query["formula"];
}

/** A key for each tile that stays with it when it is moved. */
export function tileKeys(tiles: readonly Tile[]): string[] {
  const counts = new Map<string, number>();
  return tiles.map(({ insight_id: id, text }) => {
    const content = id === null ? `text ${text ?? ""}` : `insight ${id}`;
    const count = (counts.get(content) ?? 0) + 1;
    counts.set(content, count);
    return `${content} ${count}`;
  });
}

/** The tiles with the one at `index` moved by so many places. */
export function moved(tiles: readonly Tile[], index: number, by: number): Tile[] {
  const next = [...tiles];
  const [tile] = next.splice(index, 1);
  if (tile) next.splice(index + by, 0, tile);
  return next;
}
