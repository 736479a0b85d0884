import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useRef, useState, type SyntheticEvent } from "react";
import { useRegister } from "../../api/login";
import { fieldError } from "../../api/errors";
import { FormErrorAlert, useFocusOnError } from "../../components/FormErrorAlert";

interface RegisterFormProps {
  /** The address that was invited; missing: any. */
  email?: string;
  /** The invitation's token. */
  invitation?: string;
  onRegistered: () => void;
}

const FIELDS = ["email", "name", "password"];

/** A new account. */
export function RegisterForm({ email: given, invitation, onRegistered }: RegisterFormProps) {
  const [typed, setTyped] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const register = useRegister();
  useFocusOnError(form, register.error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (register.isPending) return;
    register.mutate(
      { email: given ?? typed.trim(), name: name.trim(), password, invitation: invitation ?? null },
      { onSuccess: onRegistered },
    );
  };

  return (
    <form onSubmit={submit} ref={form}>
      <Stack>
        <FormErrorAlert error={register.error} fields={FIELDS} title="No account was made" />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          readOnly={given !== undefined}
          value={given ?? typed}
          error={fieldError(register.error, "email")}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
          }}
        />
        <TextInput
          label="Name"
          description="How others see you; empty: the first part of the address"
          autoComplete="name"
          maxLength={100}
          value={name}
          error={fieldError(register.error, "name")}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <PasswordInput
          label="Password"
          description="At least 10 characters. A few words are better than many signs."
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={password}
          error={fieldError(register.error, "password")}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
        <Button type="submit" loading={register.isPending} fullWidth mt={4}>
          Make the account
        </Button>
      </Stack>
    </form>
  );
}
