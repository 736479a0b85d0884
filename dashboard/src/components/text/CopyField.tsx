import { ActionIcon, ScrollArea, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useId, useRef } from "react";
import { t } from "../../texts";
import classes from "./CopyField.module.css";
import { useCopy, type CopyState } from "./useCopy";

const STATE_LABELS: Record<CopyState, string> = {
  idle: t.common.copy,
  copied: t.common.copied,
  failed: t.common.copyFailed,
};

/** A value to be copied as a whole. */
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
        <ScrollArea type="auto" className={classes.scroll ?? ""} viewportProps={{ tabIndex: 0 }}>
          <code className={classes.value} ref={text}>
            {value}
          </code>
        </ScrollArea>
        <Tooltip label={STATE_LABELS[state]} opened={state === "idle" ? undefined : true}>
          <ActionIcon variant="subtle" color="gray" onClick={() => void copy()} aria-label={t.common.copyOf(label)}>
            {state === "copied" ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      </div>
      <span role="status" className={classes.status}>
        {state === "idle" ? "" : STATE_LABELS[state]}
      </span>
    </div>
  );
}
