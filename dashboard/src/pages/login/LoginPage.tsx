import { Alert, Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useLocation, useNavigate } from "react-router";
import { useLogin } from "../../api/queries";
import { Logo } from "../../components/Logo";

/** Log in, and go on where one came from. */
export function LoginPage() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const login = useLogin();
  const navigate = useNavigate();
  const from = (useLocation().state as { from?: string } | null)?.from ?? "/projects";

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    login.mutate({ email, password }, { onSuccess: () => void navigate(from, { replace: true }) });
  };

  return (
    <Center mih="100vh" p="md">
      <Paper withBorder p="xl" w="100%" maw={400} component="main">
        <Group gap="sm" mb="lg">
          <Logo size={36} />
          <Title order={1} fz={24}>
            Tidemark
          </Title>
        </Group>
        <form onSubmit={submit}>
          <Stack>
            {login.error ? (
              <Alert color="orange" role="alert">
                {login.error.message}
              </Alert>
            ) : null}
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => {
                setEmail(event.currentTarget.value);
              }}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => {
                setPassword(event.currentTarget.value);
              }}
            />
            <Button type="submit" loading={login.isPending} fullWidth>
              Log in
            </Button>
          </Stack>
        </form>
        <Text size="xs" c="dimmed" mt="lg">
          The first start printed the owner&apos;s password and keeps it in credentials.json in the data folder.
        </Text>
      </Paper>
    </Center>
  );
}
