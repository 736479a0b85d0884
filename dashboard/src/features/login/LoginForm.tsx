import { Alert, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useRef, useState, type SyntheticEvent } from "react";
import { fieldError, hasCode, isUnauthenticated } from "../../api/requests/errors";
import { useLogin } from "../../api/account/login";
import { useFocusOnError } from "../../notices/FormErrorAlert";
import { t } from "../../texts";

interface LoginFormProps {
  /** The only e-mail address that may sign in here; missing: any. */
  email?: string;
  onSignedIn: () => void;
}

/** E-mail address and password, then a code if the account has a second factor. */
export function LoginForm({ email: given, onSignedIn }: LoginFormProps) {
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
        onSuccess: onSignedIn,
        onError: (error) => {
          const isAboutCode = hasCode(error, "second_factor_required", "second_factor_wrong");
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
        {login.error ? <LoginError error={login.error} /> : null}
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
              label={t.common.email}
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
              label={t.login.password}
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
          {t.login.signIn}
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
        {t.login.secondStep(email)}
      </Text>
      <TextInput
        label={t.login.code}
        description={t.login.codeHint}
        autoComplete="one-time-code"
        autoCapitalize="off"
        spellCheck={false}
        required
        withAsterisk={false}
        maxLength={64}
        // The button that was pressed is gone, and this field is the next step.
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
        {t.login.otherAccount}
      </Button>
    </>
  );
}

function LoginError({ error }: { error: Error }) {
  return (
    <Alert color="coral" role="alert" title={t.login.failed}>
      {error.message}
    </Alert>
  );
}
