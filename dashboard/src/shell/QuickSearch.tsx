import { Kbd, Tooltip, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { pageKey } from "../report/keyboard";
import { t } from "../texts";
import classes from "./Shell.module.css";

// Loaded when they are first opened.
const CommandPalette = lazy(() => import("./CommandPalette"));
const ShortcutsDialog = lazy(() => import("./ShortcutsDialog"));

type Open = "palette" | "shortcuts" | null;

/** The button that opens the palette (also Ctrl K), and the list of keys that ? opens. */
export function QuickSearch({ isNarrow }: { isNarrow: boolean }) {
  const [open, setOpen] = useState<Open>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpen("palette");
      } else if (pageKey(event) === "?") setOpen("shortcuts");
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  const close = () => {
    setOpen(null);
  };
  return (
    <>
      <Tooltip label={t.shell.palette.open} position="right" disabled={!isNarrow}>
        <UnstyledButton
          className={classes.search}
          {...(isNarrow ? { "aria-label": t.shell.palette.open } : {})}
          aria-keyshortcuts="Control+K"
          onClick={() => {
            setOpen("palette");
          }}
        >
          <IconSearch size={16} stroke={1.7} />
          {isNarrow ? null : <span>{t.shell.palette.open}</span>}
          {isNarrow ? null : <Kbd size="xs">{t.shell.palette.keys}</Kbd>}
        </UnstyledButton>
      </Tooltip>
      <Suspense>
        {open === "palette" ? (
          <CommandPalette
            onClose={close}
            onShortcuts={() => {
              setOpen("shortcuts");
            }}
          />
        ) : null}
        {open === "shortcuts" ? <ShortcutsDialog onClose={close} /> : null}
      </Suspense>
    </>
  );
}
