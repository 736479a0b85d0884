import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useId, useRef } from "react";
import classes from "./CopyField.module.css";
import { useCopy, type CopyState } from "./useCopy";

const WORDS: Record<CopyState, string> = {
  idle: "Copy",
  copied: "Copied",
  failed: "Selected: copy it with Ctrl or ⌘ and C",
};

/** A value that is meant to be copied whole. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const text = useRef<HTMLElement>(null);
  const [state, copy] = useCopy(text);
  const name = useId();
  return (
    <div role="group" aria-labelledby={name}>
      <Text size="sm" fw={500} mb={4} id={name}>
        {label}
      </Text>
      <div className={classes.field}>
        <code className={classes.value} ref={text}>
          {value}
        </code>
        <Tooltip label={WORDS[state]} opened={state === "idle" ? undefined : true}>
          <ActionIcon variant="subtle" color="gray" onClick={() => void copy()} aria-label={`Copy: ${label}`}>
            {state === "copied" ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      </div>
      <span role="status" className={classes.spoken}>
        {state === "idle" ? "" : WORDS[state]}
      </span>
    </div>
  );
}
