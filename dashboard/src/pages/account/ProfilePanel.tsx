import { PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useChangeAccount } from "../../api/account/account";
import type { User } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { FormPanel } from "../../components/forms/FormPanel";
import { useDraft } from "../../components/forms/useDraft";
import { t } from "../../texts";

/** The form for the name and the e-mail address of the account. */
export function ProfilePanel({ user }: { user: User }) {
  const draft = useDraft({ name: user.name, email: user.email }, "account");
  const [password, setPassword] = useState("");
  const change = useChangeAccount(user.id);
  const isNewAddress = draft.changes.email !== undefined;
  const undo = () => {
    draft.undo();
    setPassword("");
    change.reset();
  };
  return (
    <FormPanel
      title={t.account.profile}
      mutation={change}
      isChanged={draft.isChanged}
      fields={["name", "email", "current_password"]}
      onUndo={undo}
      onSave={() => {
        change.mutate(isNewAddress ? { ...draft.changes, current_password: password } : draft.changes, {
          onSuccess: () => {
            draft.undo();
            setPassword("");
          },
        });
      }}
    >
      <TextInput
        label={t.common.name}
        autoComplete="name"
        required
        withAsterisk={false}
        maxLength={100}
        value={draft.values.name}
        error={fieldError(change.error, "name")}
        onChange={(event) => {
          draft.set("name", event.currentTarget.value);
        }}
      />
      <TextInput
        label={t.common.email}
        description={t.account.emailHint}
        type="email"
        autoComplete="email"
        required
        withAsterisk={false}
        value={draft.values.email}
        error={fieldError(change.error, "email")}
        onChange={(event) => {
          draft.set("email", event.currentTarget.value);
        }}
      />
      {isNewAddress ? (
        <PasswordInput
          label={t.account.currentPassword}
          description={t.account.emailPasswordHint}
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          error={fieldError(change.error, "current_password")}
          aria-invalid={fieldError(change.error, "current_password") !== undefined}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
      ) : null}
    </FormPanel>
  );
}
