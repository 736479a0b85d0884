import { PasswordInput } from "@mantine/core";
import { fieldError } from "../../api/errors";
import { useChangePassword } from "../../api/account";
import { FormPanel } from "../../components/FormPanel";
import { useDraft } from "../../components/useDraft";

const FIELDS = ["current_password", "password"];
const NOTHING = { current: "", password: "" };

/** A new password. */
export function PasswordPanel({ email }: { email: string }) {
  const draft = useDraft(NOTHING);
  const change = useChangePassword();
  return (
    <FormPanel
      title="Password"
      note="Everywhere else you are logged out then; here you stay."
      saveLabel="Change the password"
      change={change}
      isChanged={draft.isChanged}
      fields={FIELDS}
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
      {/* For password managers: whose password it is. */}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordInput
        label="Current password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={draft.values.current}
        error={fieldError(change.error, "current_password")}
        onChange={(event) => {
          draft.set("current", event.currentTarget.value);
        }}
      />
      <PasswordInput
        label="New password"
        description="At least 10 characters. A few words are better than many signs."
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={draft.values.password}
        error={fieldError(change.error, "password")}
        onChange={(event) => {
          draft.set("password", event.currentTarget.value);
        }}
      />
    </FormPanel>
  );
}
