import { Button, Group, Modal, Stack } from "@mantine/core";
import { useRef, useState, type ReactNode } from "react";
import type { MutationState } from "../../api/cache/useApiMutation";
import { t } from "../../texts";
import { FormErrorAlert, useFocusOnError } from "../../notices/FormErrorAlert";
import { useUnsavedChanges } from "./unsavedChanges";

interface FormDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  size?: "md" | "lg";
  mutation: MutationState;
  /** Names of the fields that show their errors themselves. */
  fields?: readonly string[];
  /** What to say when the server refuses. */
  errorTitle?: string;
  submitLabel: string;
  cancelLabel?: string;
  isDestructive?: boolean;
  /** Whether the form may be submitted as it is. */
  isReady?: boolean;
  onSubmit: () => void;
  children: ReactNode;
}

/** A form in a dialog, which stays open while its mutation runs and when it fails. */
export function FormDialog(props: FormDialogProps) {
  const { opened, onClose, title, size = "md", mutation, fields = [], errorTitle, children } = props;
  const { submitLabel, cancelLabel = t.common.cancel, isDestructive = false, isReady = true, onSubmit } = props;
  const form = useRef<HTMLFormElement>(null);
  useFocusOnError(form, mutation.error);
  const { isPending } = mutation;
  const [draft, setDraft] = useState<"none" | "changed" | "submitted">("none");
  // What was submitted is lost only if the server refused it. A dialog that saves may open another page at once.
  useUnsavedChanges(opened && (draft === "changed" || (draft === "submitted" && mutation.error !== null && !isPending)));
  const touch = () => {
    setDraft("changed");
  };
  // A dialog that is opened again begins anew.
  if (!opened && draft !== "none") setDraft("none");
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      withCloseButton={!isPending}
      closeOnClickOutside={!isPending}
      closeOnEscape={!isPending}
    >
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReady || isPending) return;
          setDraft("submitted");
          onSubmit();
        }}
      >
        <Stack
          onChange={touch}
          // Lists of choices stand in portals, whose events still come up here.
          onClick={(event) => {
            if (event.target instanceof Element && event.target.closest("[role=option], [aria-pressed]")) touch();
          }}
        >
          <FormErrorAlert error={mutation.error} fields={fields} {...(errorTitle ? { title: errorTitle } : {})} />
          {children}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={isPending}>
              {cancelLabel}
            </Button>
            <Button type="submit" {...(isDestructive ? { color: "coral" } : {})} disabled={!isReady} loading={isPending}>
              {submitLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
