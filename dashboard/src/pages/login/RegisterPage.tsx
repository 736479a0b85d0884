import { Anchor, Center, Loader, Text } from "@mantine/core";
import { Link, useNavigate } from "react-router";
import { useRegistration } from "../../api/login";
import { ErrorAlert } from "../../components/ErrorAlert";
import { LoginLayout } from "./LoginLayout";
import { RegisterForm } from "./RegisterForm";

const WHY_NOT: Record<string, string> = {
  invitation: "This installation takes new accounts by invitation only. Ask somebody who has one for a link.",
  closed: "This installation takes no new accounts.",
};

/** Make an account, where that is open. */
export function RegisterPage() {
  const registration = useRegistration();
  const navigate = useNavigate();
  const mode = registration.data?.registration;
  return (
    <LoginLayout tab="Make an account">
      {registration.error ? <ErrorAlert error={registration.error} retry={() => void registration.refetch()} /> : null}
      {registration.isPending ? (
        <Center>
          <Loader aria-label="Loading" type="dots" />
        </Center>
      ) : null}
      {mode === "first" ? (
        <Text size="sm" c="dimmed" mb="md">
          The first account owns the installation.
        </Text>
      ) : null}
      {mode === "first" || mode === "open" ? (
        <RegisterForm onRegistered={() => void navigate("/projects", { replace: true })} />
      ) : null}
      {mode && WHY_NOT[mode] ? <Text size="sm">{WHY_NOT[mode]}</Text> : null}
      {mode && mode !== "first" ? (
        <Text size="sm" mt="lg">
          <Anchor component={Link} to="/login" inherit>
            Log in with an account you have
          </Anchor>
        </Text>
      ) : null}
    </LoginLayout>
  );
}
