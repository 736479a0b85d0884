import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";

/** Whether a dialog is open, and what was typed into it. */
export interface FormDialogState<Values> {
  opened: boolean;
  open: () => void;
  close: () => void;
  values: Values;
  set: <Field extends keyof Values>(field: Field, value: Values[Field]) => void;
}

interface FormDialogOptions {
  /** Whether the dialog is open from the start. */
  opened?: boolean;
  onClose?: () => void;
}

/** The state of a `FormDialog`. It opens with the `initial` values of that moment. */
export function useFormDialog<Values extends object>(
  initial: Values,
  mutation: { reset: () => void },
  { opened: isOpenAtFirst = false, onClose }: FormDialogOptions = {},
): FormDialogState<Values> {
  const [opened, disclosure] = useDisclosure(isOpenAtFirst);
  const [values, setValues] = useState(initial);
  return {
    opened,
    open: () => {
      setValues(initial);
      disclosure.open();
    },
    values,
    set: (field, value) => {
      setValues((before) => ({ ...before, [field]: value }));
    },
    close: () => {
      disclosure.close();
      setValues(initial);
      mutation.reset();
      onClose?.();
    },
  };
}
