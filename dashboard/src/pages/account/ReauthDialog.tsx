import { Button, PasswordInput, Text, TextInput } from "@mantine/core";
import type { BothFactors } from "../../api/account/account";
import { fieldError } from "../../api/requests/errors";
import type { MutationState } from "../../api/cache/useApiMutation";
import { FormDialog } from "../../components/forms/FormDialog";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { t } from "../../texts";

interface ReauthDialogProps {
  /** The label of the button that opens the dialog. */
  label: string;
  title: string;
  note: string;
  /** The label of the button that does it. */
  action: string;
  isDestructive?: boolean;
  mutation: MutationState & {
    mutate: (factors: BothFactors, options: { onSuccess: () => void }) => void;
    reset: () => void;
  };
}

const EMPTY = { password: "", code: "" };

/** A button, and the dialog that asks for both factors again before a sensitive change. */
export function ReauthDialog({ label, title, note, action, isDestructive = false, mutation }: ReauthDialogProps) {
  const dialog = useFormDialog(EMPTY, mutation);
  const { password, code } = dialog.values;
  return (
    <>
      <Button variant="default" size="xs" onClick={dialog.open}>
        {label}
      </Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={title}
        mutation={mutation}
        fields={["current_password", "code"]}
        errorTitle={t.errors.actionFailed(action)}
        submitLabel={action}
        isDestructive={isDestructive}
        onSubmit={() => {
          mutation.mutate({ current_password: password, code: code.trim() }, { onSuccess: dialog.close });
        }}
      >
        <Text size="sm">{note}</Text>
        <PasswordInput
          label={t.account.currentPassword}
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          value={password}
          error={fieldError(mutation.error, "current_password")}
          aria-invalid={fieldError(mutation.error, "current_password") !== undefined}
          onChange={(event) => {
            dialog.set("password", event.currentTarget.value);
          }}
        />
        <TextInput
          label={t.login.code}
          description={t.login.codeHint}
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          maxLength={64}
          value={code}
          error={fieldError(mutation.error, "code")}
          onChange={(event) => {
            dialog.set("code", event.currentTarget.value);
          }}
        />
      </FormDialog>
    </>
  );
}
