import { PasswordInput } from "@mantine/core";
import { useChangePassword } from "../../api/account/account";
import { fieldError } from "../../api/requests/errors";
import { FormPanel } from "../../components/forms/FormPanel";
import { useDraft } from "../../components/forms/useDraft";
import { t } from "../../texts";

const EMPTY = { current: "", password: "" };

/** The form for a new password. */
export function PasswordPanel({ email }: { email: string }) {
  const draft = useDraft(EMPTY);
  const change = useChangePassword();
  return (
    <FormPanel
      title={t.account.password}
      note={t.account.passwordNote}
      saveLabel={t.account.changePassword}
      mutation={change}
      isChanged={draft.isChanged}
      fields={["current_password", "password"]}
      onUndo={() => {
        draft.undo();
        change.reset();
      }}
      onSave={() => {
        change.mutate(
          { current_password: draft.values.current, password: draft.values.password },
          { onSuccess: draft.undo },
        );
      }}
    >
      {/* Tells password managers which account the password is of. */}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordInput
        label={t.account.currentPassword}
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={draft.values.current}
        error={fieldError(change.error, "current_password")}
        aria-invalid={fieldError(change.error, "current_password") !== undefined}
        onChange={(event) => {
          draft.set("current", event.currentTarget.value);
        }}
      />
      <PasswordInput
        label={t.account.newPassword}
        description={t.register.passwordHint}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={draft.values.password}
        error={fieldError(change.error, "password")}
        aria-invalid={fieldError(change.error, "password") !== undefined}
        onChange={(event) => {
          draft.set("password", event.currentTarget.value);
        }}
      />
    </FormPanel>
  );
}
