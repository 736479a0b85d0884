import { Button, type ButtonProps } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useRef, useState, type ReactNode } from "react";
import type { MutationState } from "../../api/cache/useApiMutation";
import { ConfirmDialog } from "./ConfirmDialog";

interface ConfirmButtonProps {
  label: string;
  /** The label for screen readers, where a list has many such buttons. */
  ariaLabel?: string;
  /** The title of the dialog. */
  title: string;
  /** The label of the button that does it. */
  action: string;
  cancelLabel?: string;
  mutation: MutationState & { reset: () => void };
  /** Do it, and call `onDone` when it is done. */
  onConfirm: (onDone: () => void) => void;
  button?: ButtonProps;
  /** What will happen. */
  children: ReactNode;
}

/** A button for something that cannot be undone, with the dialog that asks before. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { label, ariaLabel = label, title, action, cancelLabel, mutation, onConfirm, button, children } = props;
  const [opened, { open, close }] = useDisclosure();
  const [isDone, setIsDone] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const leave = () => {
    close();
    mutation.reset();
  };
  return (
    <>
      <Button variant="default" size="xs" {...button} ref={trigger} aria-label={ariaLabel} onClick={open}>
        {label}
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={leave}
        title={title}
        action={action}
        {...(cancelLabel === undefined ? {} : { cancelLabel })}
        mutation={mutation}
        // The list item that the button belongs to is gone afterwards.
        returnFocus={!isDone}
        onConfirm={() => {
          onConfirm(() => {
            setIsDone(true);
            leave();
            trigger.current?.closest<HTMLElement>("section")?.focus();
          });
        }}
      >
        {children}
      </ConfirmDialog>
    </>
  );
}
