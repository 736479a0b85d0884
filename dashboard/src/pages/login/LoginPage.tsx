import { Alert, Anchor, Button, Stack, Text } from "@mantine/core";
import { Link, useLocation, useNavigate, useSearchParams } from "react-router";
import { useRegistration } from "../../api/login";
import { LoginLayout } from "./LoginLayout";
import { LoginForm } from "./LoginForm";
import { SsoButton, ssoErrorText } from "./SsoButton";

/** Log in, and go on where one came from. */
export function LoginPage() {
  const { registration, sign_in_with: provider } = useRegistration().data ?? {};
  const refused = useSearchParams()[0].get("sign_in");
  const navigate = useNavigate();
  const from = (useLocation().state as { from?: string } | null)?.from ?? "/projects";
  if (registration === "first") return <NobodyYet />;
  return (
    <LoginLayout tab="Log in">
      {refused === null ? null : (
        <Alert color="coral" role="alert" title="You were not signed in" mb="md">
          {ssoErrorText(refused)}
        </Alert>
      )}
      <LoginForm onLoggedIn={() => void navigate(from, { replace: true })} />
      {provider ? <SsoButton provider={provider} next={from} /> : null}
      {registration === "open" ? (
        <Text size="sm" mt="lg">
          No account yet?{" "}
          <Anchor component={Link} to="/register" inherit>
            Make one
          </Anchor>
        </Text>
      ) : null}
      <Text size="xs" c="dimmed" mt="lg">
        New installation? The first start printed the owner&apos;s password, and keeps it in{" "}
        <code>credentials.json</code> in the data folder.
      </Text>
    </LoginLayout>
  );
}

function NobodyYet() {
  return (
    <LoginLayout tab="Welcome">
      <Stack>
        <Text size="sm">This installation has no account yet. Whoever makes the first one owns it.</Text>
        <Button component={Link} to="/register">
          Make the first account
        </Button>
      </Stack>
    </LoginLayout>
  );
}
