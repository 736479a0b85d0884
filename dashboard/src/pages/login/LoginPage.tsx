import { Alert, Anchor, Button, Stack, Text } from "@mantine/core";
import { Link, useLocation, useNavigate, useSearchParams } from "react-router";
import { useRegistration } from "../../api/account/login";
import { RichText } from "../../components/text/RichText";
import { t } from "../../texts";
import { LoginForm } from "../../features/login/LoginForm";
import { LoginLayout } from "./LoginLayout";
import { SsoButton, ssoErrorText } from "./SsoButton";

/** Sign in, and go on to the page that was asked for. */
export function LoginPage() {
  const { registration, sign_in_with: provider } = useRegistration().data ?? {};
  const ssoError = useSearchParams()[0].get("sign_in");
  const navigate = useNavigate();
  const from = (useLocation().state as { from?: string } | null)?.from ?? "/projects";
  if (registration === "first") return <Welcome />;
  return (
    <LoginLayout tab={t.login.tab}>
      {ssoError === null ? null : (
        <Alert color="coral" role="alert" title={t.login.failed} mb="md">
          {ssoErrorText(ssoError)}
        </Alert>
      )}
      <LoginForm onSignedIn={() => void navigate(from, { replace: true })} />
      {provider ? <SsoButton provider={provider} next={from} /> : null}
      {registration === "open" ? (
        <Text size="sm" mt="lg">
          {t.login.noAccount}{" "}
          <Anchor component={Link} to="/register" inherit>
            {t.login.createOne}
          </Anchor>
        </Text>
      ) : null}
      <Text size="xs" c="dimmed" mt="lg">
        <RichText text={t.login.firstStart} values={{ file: <code>credentials.json</code> }} />
      </Text>
    </LoginLayout>
  );
}

function Welcome() {
  return (
    <LoginLayout tab={t.login.welcome.tab}>
      <Stack>
        <Text size="sm">{t.login.welcome.note}</Text>
        <Button component={Link} to="/register">
          {t.login.welcome.create}
        </Button>
      </Stack>
    </LoginLayout>
  );
}
