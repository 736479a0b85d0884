import { TILE_WIDTHS, type Tile, type TileWidth } from "../../api/dashboards";

/** The width that a tile's layout says; half of the page, if it says none that there is. */
export function tileWidth(layout: Readonly<Record<string, unknown>>): TileWidth {
  return TILE_WIDTHS.find((width) => width === layout["width"]) ?? 6;
}

/** The tiles with the one at `index` moved by so many places. */
export function moved(tiles: readonly Tile[], index: number, by: number): Tile[] {
  const next = [...tiles];
  const [tile] = next.splice(index, 1);
  if (tile) next.splice(index + by, 0, tile);
  return next;
}
