import { Alert, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useRef, useState, type SyntheticEvent } from "react";
import { useLogin } from "../../api/login";
import { fieldError, isUnauthenticated } from "../../api/errors";
import { useFocusOnError } from "../../components/FormErrorAlert";

interface LoginFormProps {
  /** The only address that may log in here; missing: any. */
  email?: string;
  onLoggedIn: () => void;
}

/** Address and password, and then a code where the account has a second factor. */
export function LoginForm({ email: given, onLoggedIn }: LoginFormProps) {
  const [typed, setTyped] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const login = useLogin();
  const email = given ?? typed.trim();
  useFocusOnError(form, login.error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (login.isPending) return;
    login.mutate(
      { email, password, code: asksCode ? code.trim() : null },
      {
        onSuccess: onLoggedIn,
        onError: (error) => {
          const isAboutCode = fieldError(error, "code") !== undefined;
          if (isAboutCode && !asksCode) login.reset();
          setAsksCode(isAboutCode || (asksCode && !isUnauthenticated(error)));
          if (isUnauthenticated(error)) setCode("");
        },
      },
    );
  };

  return (
    <form onSubmit={submit} ref={form}>
      <Stack>
        {login.error ? <LoginProblem error={login.error} /> : null}
        {asksCode ? (
          <CodeStep
            email={email}
            code={code}
            error={fieldError(login.error, "code")}
            onCode={setCode}
            onBack={() => {
              setAsksCode(false);
              setCode("");
              login.reset();
            }}
          />
        ) : (
          <>
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              withAsterisk={false}
              readOnly={given !== undefined}
              value={given ?? typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
              }}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              value={password}
              onChange={(event) => {
                setPassword(event.currentTarget.value);
              }}
            />
          </>
        )}
        <Button type="submit" loading={login.isPending} fullWidth mt={4}>
          Log in
        </Button>
      </Stack>
    </form>
  );
}

interface CodeStepProps {
  email: string;
  code: string;
  error: string | undefined;
  onCode: (code: string) => void;
  onBack: () => void;
}

function CodeStep({ email, code, error, onCode, onBack }: CodeStepProps) {
  return (
    <>
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        The password of {email} is right. Now the second factor.
      </Text>
      <TextInput
        label="Code"
        description="Of your authenticator app. If you lost it, one of your recovery codes."
        autoComplete="one-time-code"
        autoCapitalize="off"
        spellCheck={false}
        required
        withAsterisk={false}
        maxLength={64}
        // The person has just asked to log in, and this is what is missing.
        ref={(input) => {
          if (code === "" && document.activeElement === document.body) input?.focus();
        }}
        value={code}
        error={error}
        onChange={(event) => {
          onCode(event.currentTarget.value);
        }}
      />
      <Button variant="subtle" color="gray" size="xs" onClick={onBack} style={{ alignSelf: "flex-start" }}>
        Another account
      </Button>
    </>
  );
}

function LoginProblem({ error }: { error: Error }) {
  return (
    <Alert color="coral" role="alert" title={isUnauthenticated(error) ? "Not logged in" : "Logging in did not work"}>
      {error.message}
    </Alert>
  );
}
