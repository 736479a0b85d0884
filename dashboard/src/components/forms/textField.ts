import { fieldError } from "../../api/requests/errors";
import type { FormDialogState } from "./useFormDialog";

/** The value, the error and the change of a text in a dialog, for its field. */
export function textField<Name extends string>(dialog: FormDialogState<Record<Name, string>>, name: Name, error: Error | null) {
  return {
    value: dialog.values[name],
    error: fieldError(error, name),
    onChange: (event: { currentTarget: { value: string } }) => {
      dialog.set(name, event.currentTarget.value);
    },
  };
}
