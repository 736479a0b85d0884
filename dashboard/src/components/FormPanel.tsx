import { Button, Loader, Stack, Text } from "@mantine/core";
import { useRef, type ReactNode } from "react";
import type { MutationState } from "../api/useApiMutation";
import classes from "./FormPanel.module.css";
import { FormErrorAlert, useFocusOnError } from "./FormErrorAlert";
import { PermissionNote } from "./PermissionNote";
import { Panel } from "./Panel";

interface FormPanelProps {
  title: string;
  note?: ReactNode;
  /** Why the person may not change this; null: they may. */
  locked?: string | null;
  change: MutationState & { isSuccess: boolean };
  isChanged: boolean;
  /** Names of the fields that show their errors themselves. */
  fields: readonly string[];
  saveLabel?: string;
  onSave: () => void;
  onUndo: () => void;
  children: ReactNode;
}

/** A form of its own in a page of settings: saved by its button, and it says when that is done. */
export function FormPanel(props: FormPanelProps) {
  const { title, note, locked = null, change, isChanged, fields, saveLabel = "Save", onSave, onUndo, children } = props;
  const form = useRef<HTMLFormElement>(null);
  useFocusOnError(form, change.error);
  const isSaved = change.isSuccess && !isChanged;
  return (
    <Panel title={title}>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isChanged && !change.isPending) onSave();
        }}
      >
        <Stack gap="md">
          {note ? (
            <Text size="sm" c="dimmed" component="div">
              {note}
            </Text>
          ) : null}
          <FormErrorAlert error={change.error} fields={fields} />
          <fieldset className={classes.fields} disabled={locked !== null} aria-label={title}>
            {children}
          </fieldset>
        </Stack>
        <div className={classes.foot}>
          {locked === null ? (
            // Never disabled: a button that is takes the keyboard's place away with it.
            <Button type="submit" aria-disabled={!isChanged} variant={isChanged ? "filled" : "default"}>
              {change.isPending ? <Loader size={16} color="currentColor" aria-label="Saving" /> : saveLabel}
            </Button>
          ) : (
            <PermissionNote reason={locked} />
          )}
          {isChanged && !change.isPending ? (
            <Button variant="subtle" color="gray" onClick={onUndo}>
              Undo
            </Button>
          ) : null}
          <span role="status" className={classes.status}>
            {isSaved ? "Saved" : ""}
          </span>
        </div>
      </form>
    </Panel>
  );
}
