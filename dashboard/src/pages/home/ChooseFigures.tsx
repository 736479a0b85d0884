import { ActionIcon, Popover, Skeleton, Tooltip } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { t } from "../../texts";
import type { FigureChoicesProps } from "./FigureChoices";

// Loaded when it is first opened.
const FigureChoices = lazy(() => import("./FigureChoices").then(({ FigureChoices }) => ({ default: FigureChoices })));

/** The choice of the figures on Home, of this person in this browser: of the project, and of its goals. */
export function ChooseFigures(choices: FigureChoicesProps) {
  const [isOpen, setOpen] = useState(false);
  const label = t.home.figures.choose;
  return (
    <Popover position="bottom-end" width={300} trapFocus withinPortal opened={isOpen} onChange={setOpen}>
      <Popover.Target>
        <Tooltip label={label}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={label}
            onClick={() => {
              setOpen(!isOpen);
            }}
          >
            <IconAdjustmentsHorizontal size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>
        {isOpen ? (
          <Suspense fallback={<Skeleton height={200} />}>
            <FigureChoices {...choices} />
          </Suspense>
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}
