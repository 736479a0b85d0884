import { Button, Loader, Stack, Text } from "@mantine/core";
import { useRef, type ReactNode } from "react";
import type { MutationState } from "../../api/cache/useApiMutation";
import { t } from "../../texts";
import { FormErrorAlert, useFocusOnError } from "../../notices/FormErrorAlert";
import classes from "./FormPanel.module.css";
import { Panel } from "../page/Panel";
import { PermissionNote } from "../states/PermissionNote";

interface FormPanelProps {
  title: string;
  note?: ReactNode;
  /** Why the account may not change this; null: it may. */
  readOnlyReason?: string | null;
  mutation: MutationState & { isSuccess: boolean };
  isChanged: boolean;
  /** Names of the fields that show their errors themselves. */
  fields: readonly string[];
  saveLabel?: string;
  onSave: () => void;
  onUndo: () => void;
  children: ReactNode;
}

/** A form in a panel of a page, which is saved by its button and says when that is done. */
export function FormPanel(props: FormPanelProps) {
  const { title, note, readOnlyReason = null, mutation, isChanged, fields, saveLabel = t.common.save } = props;
  const { onSave, onUndo, children } = props;
  const form = useRef<HTMLFormElement>(null);
  useFocusOnError(form, mutation.error);
  const isSaved = mutation.isSuccess && !isChanged;
  return (
    <Panel title={title}>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isChanged && !mutation.isPending) onSave();
        }}
      >
        <Stack gap="md">
          {note ? (
            <Text size="sm" c="dimmed" component="div">
              {note}
            </Text>
          ) : null}
          <FormErrorAlert error={mutation.error} fields={fields} />
          <fieldset className={classes.fields} disabled={readOnlyReason !== null} aria-label={title}>
            {children}
          </fieldset>
        </Stack>
        <div className={classes.foot}>
          {readOnlyReason === null ? (
            // Never disabled: a disabled button would lose the keyboard focus.
            <Button type="submit" aria-disabled={!isChanged} variant={isChanged ? "filled" : "default"}>
              {mutation.isPending ? <Loader size={16} color="currentColor" aria-label={t.common.saving} /> : saveLabel}
            </Button>
          ) : (
            <PermissionNote reason={readOnlyReason} />
          )}
          {isChanged && !mutation.isPending ? (
            <Button variant="subtle" color="gray" onClick={onUndo}>
              {t.common.undo}
            </Button>
          ) : null}
          <span role="status" className={classes.status}>
            {isSaved ? t.common.saved : ""}
          </span>
        </div>
      </form>
    </Panel>
  );
}
