import { Anchor, Button, Center, Loader, Stack, Text } from "@mantine/core";
import { Link, useLocation, useNavigate } from "react-router";
import { useAcceptInvitation, useInvitation, useLogout, useMe } from "../../api/login";
import type { InvitationView } from "../../api/client";
import { ApiError } from "../../api/errors";
import { ROLE_DESCRIPTIONS } from "../../api/roles";
import { FormErrorAlert } from "../../components/FormErrorAlert";
import { ErrorAlert } from "../../components/ErrorAlert";
import { LoginLayout } from "./LoginLayout";
import { LoginForm } from "./LoginForm";
import { RegisterForm } from "./RegisterForm";

/** What the link of an invitation opens. The token stands after the hash, which stays in the browser. */
export function InvitationPage() {
  const token = decodeToken(useLocation().hash);
  const invitation = useInvitation(token);
  const me = useMe();
  const navigate = useNavigate();
  const accept = useAcceptInvitation();
  const join = () => {
    accept.mutate(token, {
      onSuccess: ({ project_id: id }) => void navigate(id === null ? "/projects" : `/projects/${id}`, { replace: true }),
    });
  };
  return (
    <LoginLayout tab="Invitation">
      {token === "" ? <Text size="sm">This link is not whole. Open it again, up to its last letter.</Text> : null}
      {invitation.error && !accept.isPending && !accept.isSuccess ? (
        <NotValid error={invitation.error} retry={() => void invitation.refetch()} />
      ) : null}
      {token && (invitation.isPending || me.isPending || accept.isSuccess) ? (
        <Center>
          <Loader aria-label="Loading" type="dots" />
        </Center>
      ) : null}
      {invitation.data && !me.isPending && !accept.isSuccess ? (
        <Stack>
          <Purpose invitation={invitation.data} />
          <FormErrorAlert error={accept.error} fields={[]} title="You have not joined" />
          {me.data ? (
            me.data.email === invitation.data.email ? (
              <Button onClick={join} loading={accept.isPending}>
                {invitation.data.project_name === null ? "Accept" : `Join ${invitation.data.project_name}`}
              </Button>
            ) : (
              <SomebodyElse invited={invitation.data.email} email={me.data.email} onLoggedOut={() => void me.refetch()} />
            )
          ) : invitation.data.has_account ? (
            <LoginForm email={invitation.data.email} onLoggedIn={join} />
          ) : (
            <RegisterForm
              email={invitation.data.email}
              invitation={token}
              onRegistered={() => void navigate("/projects", { replace: true })}
            />
          )}
        </Stack>
      ) : null}
    </LoginLayout>
  );
}

function Purpose({ invitation }: { invitation: InvitationView }) {
  const { project_name: project, role, has_account: hasAccount } = invitation;
  return (
    <Text size="sm" component="div">
      {project === null ? (
        "You are invited to make an account here."
      ) : (
        <>
          You are invited to <strong>{project}</strong> as {role === "viewer" || role === "member" ? "a" : "an"} {role}:
          somebody who {ROLE_DESCRIPTIONS[role].replace(/^also /, "")}.
        </>
      )}{" "}
      {project !== null && hasAccount ? "Log in to join." : null}
    </Text>
  );
}

function NotValid({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <Stack>
      {/* A link that is not valid does not become so by trying again. */}
      <ErrorAlert title="This link does not open" error={error} {...(isMissing(error) ? {} : { retry })} />
      <Text size="sm">
        <Anchor component={Link} to="/login" inherit>
          Log in with an account you have
        </Anchor>
      </Text>
    </Stack>
  );
}

function isMissing(error: Error): boolean {
  return error instanceof ApiError && error.status === 404;
}

interface SomebodyElseProps {
  invited: string;
  email: string;
  onLoggedOut: () => void;
}

function SomebodyElse({ invited, email, onLoggedOut }: SomebodyElseProps) {
  const logout = useLogout();
  return (
    <Stack style={{ overflowWrap: "anywhere" }}>
      <Text size="sm">
        The invitation is for {invited}, and you are logged in as {email}.
      </Text>
      <FormErrorAlert error={logout.error} fields={[]} title="You are still logged in" />
      <Button
        loading={logout.isPending}
        onClick={() => {
          logout.mutate(undefined, { onSuccess: onLoggedOut });
        }}
      >
        Log out and go on
      </Button>
      <Button component={Link} to="/projects" variant="default">
        Stay logged in
      </Button>
    </Stack>
  );
}

function decodeToken(hash: string): string {
  try {
    return decodeURIComponent(hash.replace(/^#/, ""));
  } catch {
    return "";
  }
}
