import { Button, Group, Modal, Stack, Text, type ButtonProps } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useRef, useState, type ReactNode } from "react";
import type { MutationState } from "../api/useApiMutation";
import { FormErrorAlert } from "./FormErrorAlert";

interface ConfirmButtonProps {
  /** What stands on the button that asks. */
  label: string;
  /** The same for screen readers, where many such buttons are in a list. */
  ariaLabel?: string;
  title: string;
  /** What stands on the button that does it. */
  action: string;
  /** What stands on the button that does not. */
  keep?: string;
  change: MutationState & { reset: () => void };
  /** Do it, and call `done` when it is done. */
  onConfirm: (done: () => void) => void;
  button?: ButtonProps;
  children: ReactNode;
}

/** A button for what cannot be undone: it asks, and says what will come of it. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { label, ariaLabel = label, title, action, keep = "Cancel", change, onConfirm, button, children } = props;
  const [opened, { open, close }] = useDisclosure();
  const [isDone, setIsDone] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const leave = () => {
    close();
    change.reset();
  };
  return (
    <>
      <Button variant="default" size="xs" {...button} ref={trigger} aria-label={ariaLabel} onClick={open}>
        {label}
      </Button>
      <Modal
        opened={opened}
        onClose={leave}
        title={title}
        // What the button stood by is gone then.
        returnFocus={!isDone}
        withCloseButton={!change.isPending}
        closeOnClickOutside={!change.isPending}
        closeOnEscape={!change.isPending}
      >
        <Stack>
          <FormErrorAlert error={change.error} fields={[]} title="That did not work" />
          <Text size="sm" component="div">
            {children}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={leave} disabled={change.isPending} data-autofocus>
              {keep}
            </Button>
            <Button
              color="coral"
              loading={change.isPending}
              onClick={() => {
                onConfirm(() => {
                  setIsDone(true);
                  leave();
                  trigger.current?.closest<HTMLElement>("section")?.focus();
                });
              }}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
