import { PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import type { User } from "../../api/client";
import { fieldError } from "../../api/errors";
import { useChangeAccount } from "../../api/account";
import { FormPanel } from "../../components/FormPanel";
import { useDraft } from "../../components/useDraft";

const FIELDS = ["name", "email", "current_password"];

/** How one is called, and where one is reached. */
export function ProfilePanel({ user }: { user: User }) {
  const draft = useDraft({ name: user.name, email: user.email });
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
      title="Name and address"
      change={change}
      isChanged={draft.isChanged}
      fields={FIELDS}
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
        label="Name"
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
        label="E-mail"
        description="You log in with it"
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
          label="Current password"
          description="Whoever has the address has the account, so it takes your password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          error={fieldError(change.error, "current_password")}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
      ) : null}
    </FormPanel>
  );
}
