import { ActionIcon, Tooltip } from "@mantine/core";
import { IconStar, IconStarFilled } from "@tabler/icons-react";
import { t } from "../../texts";

interface FavouriteButtonProps {
  name: string;
  isFavourite: boolean;
  /** Why a person may not change it; null: they may. */
  readOnlyReason?: string | null;
  onChange: (isFavourite: boolean) => void;
}

/** A star that marks something as a favourite. */
export function FavouriteButton({ name, isFavourite, readOnlyReason = null, onChange }: FavouriteButtonProps) {
  const label = isFavourite ? t.common.removeFavourite(name) : t.common.addFavourite(name);
  return (
    <Tooltip label={readOnlyReason ?? label} multiline maw={280}>
      <ActionIcon
        variant="subtle"
        color={isFavourite ? "yellow" : "gray"}
        size="sm"
        aria-label={label}
        aria-pressed={isFavourite}
        disabled={readOnlyReason !== null}
        onClick={() => {
          onChange(!isFavourite);
        }}
      >
        {isFavourite ? <IconStarFilled size={15} /> : <IconStar size={15} />}
      </ActionIcon>
    </Tooltip>
  );
}
