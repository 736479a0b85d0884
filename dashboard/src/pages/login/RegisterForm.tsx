import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useRef, useState, type SyntheticEvent } from "react";
import { fieldError } from "../../api/requests/errors";
import { useRegister } from "../../api/account/login";
import { FormErrorAlert, useFocusOnError } from "../../notices/FormErrorAlert";
import { t } from "../../texts";

interface RegisterFormProps {
  /** The e-mail address that was invited; missing: any. */
  email?: string;
  /** The invitation's token. */
  invitation?: string;
  onRegistered: () => void;
}

/** The form for a new account. */
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
        <FormErrorAlert error={register.error} fields={["email", "name", "password"]} title={t.register.failed} />
        <TextInput
          label={t.common.email}
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
          label={t.common.name}
          description={t.register.nameHint}
          autoComplete="name"
          maxLength={100}
          value={name}
          error={fieldError(register.error, "name")}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <PasswordInput
          label={t.login.password}
          description={t.register.passwordHint}
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={password}
          error={fieldError(register.error, "password")}
          aria-invalid={fieldError(register.error, "password") !== undefined}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
        <Button type="submit" loading={register.isPending} fullWidth mt={4}>
          {t.register.create}
        </Button>
      </Stack>
    </form>
  );
}
