import { ActionIcon, Group, NativeSelect } from "@mantine/core";
import { IconArrowLeft, IconArrowRight, IconTrash } from "@tabler/icons-react";
import type { MouseEvent } from "react";
import { TILE_WIDTHS, type TileWidth } from "../../api/insights/dashboards";
import { t } from "../../texts";

interface LayoutToolsProps {
  title: string;
  width: TileWidth;
  isFirst: boolean;
  isLast: boolean;
  onMove: (by: -1 | 1) => void;
  onWidth: (width: TileWidth) => void;
  onRemove: () => void;
}

/** Arranges a tile: where it stands, how wide it is, and whether it stays. */
export function LayoutTools({ title, width, isFirst, isLast, onMove, onWidth, onRemove }: LayoutToolsProps) {
  const move = (by: -1 | 1) => ({ currentTarget }: MouseEvent<HTMLElement>) => {
    onMove(by);
    // Browsers take the focus off an element that they move.
    requestAnimationFrame(() => {
      currentTarget.focus();
      currentTarget.scrollIntoView({ block: "nearest" });
    });
  };
  return (
    <Group gap={4} wrap="nowrap">
      {/* Never disabled: a disabled button would lose the keyboard focus. */}
      <ActionIcon variant="default" aria-label={t.dashboards.earlierOf(title)} aria-disabled={isFirst} data-disabled={isFirst || undefined} onClick={isFirst ? undefined : move(-1)}>
        <IconArrowLeft size={16} />
      </ActionIcon>
      <ActionIcon variant="default" aria-label={t.dashboards.laterOf(title)} aria-disabled={isLast} data-disabled={isLast || undefined} onClick={isLast ? undefined : move(1)}>
        <IconArrowRight size={16} />
      </ActionIcon>
      <NativeSelect
        size="xs"
        aria-label={t.dashboards.widthOf(title)}
        value={String(width)}
        data={TILE_WIDTHS.map((one) => ({ value: String(one), label: t.dashboards.widths[one] ?? String(one) }))}
        onChange={({ currentTarget: { value } }) => {
          onWidth(TILE_WIDTHS.find((one) => String(one) === value) ?? width);
        }}
      />
      <ActionIcon variant="default" aria-label={t.dashboards.removeOf(title)} onClick={onRemove}>
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  );
}
