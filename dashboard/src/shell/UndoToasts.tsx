import { Alert, Button, CloseButton, Group, Kbd, Paper, Text } from "@mantine/core";
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import type { Undoable } from "../api/cache/undo";
import { t } from "../texts";
import classes from "./UndoToasts.module.css";

/** For so long something can be undone, in milliseconds; as long as the pointer or the keyboard is there, the time stands still. */
const UNDO_MS = 8_000;

// eslint-disable-next-line local/no-literal-text -- in the form of the attribute, which nobody reads
const KEYS = "Control+Z";

/** Something that can be undone, or that was not done because sending it failed. */
export interface Offer extends Undoable {
  key: number;
  /** What had the focus when it was done. */
  from: Element | null;
  state: "waiting" | "sending" | "failed";
  error?: Error;
}

interface UndoToastsProps {
  offers: readonly Offer[];
  onUndo: (key: number) => void;
  /** Its time is over. */
  onEnd: (key: number) => Promise<void>;
  onClose: (key: number) => void;
}

/** What can be undone, the newest last; Ctrl Z or ⌘ Z undoes that one. */
export default function UndoToasts({ offers, onUndo, onEnd, onClose }: UndoToastsProps) {
  const newest = offers.filter(({ state }) => state === "waiting").at(-1);
  const undo = (key: number) => {
    onUndo(key);
    // Its button is gone: the next key continues at the page, not at the top of the window.
    document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
  };
  useUndoKey(newest === undefined ? null : () => { undo(newest.key); });
  return (
    <div className={classes.toasts}>
      {offers.map((offer) => {
        const { key, state, message, error } = offer;
        if (state === "waiting") {
          return <Toast key={key} message={message} from={offer.from} isNewest={offer === newest} onUndo={() => { undo(key); }} onEnd={() => void onEnd(key)} />;
        }
        return state === "failed" ? (
          <Alert key={key} color="coral" role="alert" title={t.shell.undo.failed(message)} withCloseButton closeButtonLabel={t.common.close} onClose={() => { onClose(key); }}>
            <Text size="sm">{error?.message}</Text>
            <Button size="xs" variant="default" mt="xs" onClick={() => void onEnd(key)}>
              {t.common.tryAgain}
            </Button>
          </Alert>
        ) : null;
      })}
    </div>
  );
}

interface ToastProps {
  message: string;
  from: Element | null;
  isNewest: boolean;
  onUndo: () => void;
  onEnd: () => void;
}

function Toast({ message, from, isNewest, onUndo, onEnd }: ToastProps) {
  const [isHeld, setHeld] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const end = useEffectEvent(onEnd);
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(() => { end(); }, UNDO_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [isHeld]);
  useLayoutEffect(() => {
    // What was deleted took the focus along.
    if (from?.isConnected === false) button.current?.focus();
  }, [from]);
  return (
    <Paper
      className={classes.toast ?? ""}
      onMouseEnter={() => { setHeld(true); }}
      onMouseLeave={() => { setHeld(false); }}
      onFocus={(event) => { setHeld(event.target.matches(":focus-visible")); }}
      onBlur={() => { setHeld(false); }}
    >
      <Text size="sm" className={classes.message ?? ""}>
        {message}
      </Text>
      <Group gap={4} wrap="nowrap">
        <Button ref={button} size="compact-sm" variant="light" onClick={onUndo} {...(isNewest ? { "aria-keyshortcuts": KEYS } : {})}>
          {t.common.undo}
        </Button>
        {isNewest ? <Kbd size="xs" visibleFrom="sm" aria-hidden="true">{t.shell.undo.keys}</Kbd> : null}
        <CloseButton size="sm" aria-label={t.shell.undo.close} onClick={onEnd} />
      </Group>
    </Paper>
  );
}

const TYPED_INTO = "input, textarea, select, [contenteditable=true]";

/** Ctrl Z and ⌘ Z, but not while something is typed: there they undo the typing. */
function useUndoKey(undo: (() => void) | null) {
  const run = useEffectEvent(() => undo?.());
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
      if (!isUndo || event.defaultPrevented || (event.target instanceof Element && event.target.closest(TYPED_INTO))) return;
      run();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, []);
}
