import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { MutationState } from "../../api/cache/useApiMutation";
import { t } from "../../texts";
import { FormErrorAlert } from "../../notices/FormErrorAlert";

interface ConfirmDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** The label of the button that does it. */
  action: string;
  cancelLabel?: string;
  mutation: MutationState;
  onConfirm: () => void;
  /** Whether the focus goes back to where it was when the dialog closes. */
  returnFocus?: boolean;
  /** What will happen. */
  children: ReactNode;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, onClose, title, action, cancelLabel = t.common.cancel, mutation, onConfirm, returnFocus = true, children } = props;
  const { isPending, error } = mutation;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      returnFocus={returnFocus}
      withCloseButton={!isPending}
      closeOnClickOutside={!isPending}
      closeOnEscape={!isPending}
    >
      <Stack>
        <FormErrorAlert error={error} fields={[]} title={t.errors.actionFailed(action)} />
        <Text size="sm" component="div">
          {children}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={isPending} data-autofocus>
            {cancelLabel}
          </Button>
          <Button color="coral" loading={isPending} onClick={onConfirm}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
