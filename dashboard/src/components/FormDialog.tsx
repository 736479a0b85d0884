import { Button, Group, Modal, Stack } from "@mantine/core";
import { useRef, type ReactNode } from "react";
import type { MutationState } from "../api/useApiMutation";
import { t } from "../texts";
import { FormErrorAlert, useFocusOnError } from "../notices/FormErrorAlert";

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
          if (isReady && !isPending) onSubmit();
        }}
      >
        <Stack>
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
