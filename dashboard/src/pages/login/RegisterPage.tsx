import { Anchor, Center, Loader, Text } from "@mantine/core";
import { Link, useNavigate } from "react-router";
import { useRegistration } from "../../api/account/login";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { LoginLayout } from "./LoginLayout";
import { RegisterForm } from "./RegisterForm";

/** Create an account, if the server allows it. */
export function RegisterPage() {
  const registration = useRegistration();
  const navigate = useNavigate();
  const mode = registration.data?.registration;
  const unavailable = mode === "invitation" || mode === "closed" ? t.register.unavailable[mode] : null;
  return (
    <LoginLayout tab={t.register.tab}>
      {registration.error ? <ErrorAlert error={registration.error} retry={() => void registration.refetch()} /> : null}
      {registration.isPending ? (
        <Center>
          <Loader aria-label={t.common.loading} type="dots" />
        </Center>
      ) : null}
      {mode === "first" ? (
        <Text size="sm" c="dimmed" mb="md">
          {t.register.firstOwner}
        </Text>
      ) : null}
      {mode === "first" || mode === "open" ? (
        <RegisterForm onRegistered={() => void navigate("/projects", { replace: true })} />
      ) : null}
      {unavailable ? <Text size="sm">{unavailable}</Text> : null}
      {mode && mode !== "first" ? (
        <Text size="sm" mt="lg">
          <Anchor component={Link} to="/login" inherit>
            {t.register.signInInstead}
          </Anchor>
        </Text>
      ) : null}
    </LoginLayout>
  );
}
