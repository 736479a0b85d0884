import { Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useResetPassword } from "../../api/operations/admin";
import type { User } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { FormDialog } from "../../components/forms/FormDialog";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { t } from "../../texts";
import { suggestPassword } from "./suggestPassword";

/** The dialog that sets somebody's password, which an owner of the server then passes on. */
export function ResetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const [password, setPassword] = useState(suggestPassword);
  const showOnce = useShowOnce();
  const reset = useResetPassword(user.id);
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={t.admin.setPasswordTitle(user.email)}
      mutation={reset}
      fields={["password"]}
      errorTitle={t.admin.passwordNotSet}
      submitLabel={t.admin.setPasswordAction}
      isDestructive
      onSubmit={() => {
        reset.mutate(password, {
          onSuccess: () => {
            onClose();
            showOnce({
              title: t.admin.newPasswordOf(user.email),
              warning: t.admin.newPasswordWarning,
              values: [{ label: t.login.password, value: password }],
            });
          },
        });
      }}
    >
      <Text size="sm">{t.admin.setPasswordNote}</Text>
      <TextInput
        label={t.account.newPassword}
        description={t.admin.passwordHint}
        autoComplete="off"
        spellCheck={false}
        required
        withAsterisk={false}
        ff="monospace"
        data-autofocus
        value={password}
        error={fieldError(reset.error, "password")}
        onChange={(event) => {
          setPassword(event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
