import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useState, type SyntheticEvent } from "react";
import { useLocation, useNavigate } from "react-router";
import { useLogin } from "../../api/account";
import { isLoggedOut } from "../../api/errors";
import { Logo } from "../../components/Logo";
import classes from "./LoginPage.module.css";
import { Tide } from "./Tide";

/** Log in, and go on where one came from. */
export function LoginPage() {
  useDocumentTitle("Log in · Tidemark");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const login = useLogin();
  const navigate = useNavigate();
  const from = (useLocation().state as { from?: string } | null)?.from ?? "/projects";

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    login.mutate({ email: email.trim(), password }, { onSuccess: () => void navigate(from, { replace: true }) });
  };

  return (
    <main className={classes.page}>
      <Tide />
      <div className={classes.card}>
        <div className={classes.brand}>
          <Logo size={40} />
          <div>
            <Title order={1} fz={22} lh={1.2}>
              Tidemark
            </Title>
            <Text size="sm" c="dimmed">
              See how high it rose.
            </Text>
          </div>
        </div>
        <form onSubmit={submit}>
          <Stack>
            {login.error ? <LoginProblem error={login.error} /> : null}
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              withAsterisk={false}
              value={email}
              onChange={(event) => {
                setEmail(event.currentTarget.value);
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
            <Button type="submit" loading={login.isPending} fullWidth mt={4}>
              Log in
            </Button>
          </Stack>
        </form>
        <Text size="xs" c="dimmed" mt="lg">
          New installation? The first start printed the owner&apos;s password, and keeps it in{" "}
          <code>credentials.json</code> in the data folder.
        </Text>
      </div>
    </main>
  );
}

function LoginProblem({ error }: { error: Error }) {
  return (
    <Alert color="coral" role="alert" title={isLoggedOut(error) ? "Not logged in" : "Logging in did not work"}>
      {error.message}
    </Alert>
  );
}
