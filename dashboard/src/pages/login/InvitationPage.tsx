import { Anchor, Button, Center, Loader, Stack, Text } from "@mantine/core";
import { Link, useLocation, useNavigate } from "react-router";
import { projectAddress } from "../../addresses";
import type { InvitationView } from "../../api/requests/client";
import { hasCode } from "../../api/requests/errors";
import { useAcceptInvitation, useInvitation, useLogout, useMe } from "../../api/account/login";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { FormErrorAlert } from "../../notices/FormErrorAlert";
import { RichText } from "../../components/text/RichText";
import { t } from "../../texts";
import { LoginForm } from "../../features/login/LoginForm";
import { LoginLayout } from "./LoginLayout";
import { RegisterForm } from "./RegisterForm";

/** The page of an invitation's link. The token is in the hash, which browsers send to no server. */
export function InvitationPage() {
  const token = decodeToken(useLocation().hash);
  const invitation = useInvitation(token);
  const me = useMe();
  const navigate = useNavigate();
  const accept = useAcceptInvitation();
  const join = () => {
    accept.mutate(token, {
      onSuccess: ({ project_id: id }) => void navigate(id === null ? "/projects" : projectAddress(id), { replace: true }),
    });
  };
  return (
    <LoginLayout tab={t.invitation.tab}>
      {token === "" ? <Text size="sm">{t.invitation.incomplete}</Text> : null}
      {invitation.error && !accept.isPending && !accept.isSuccess ? (
        <NotValid error={invitation.error} retry={() => void invitation.refetch()} />
      ) : null}
      {token && (invitation.isPending || me.isPending || accept.isSuccess) ? (
        <Center>
          <Loader aria-label={t.common.loading} type="dots" />
        </Center>
      ) : null}
      {invitation.data && !me.isPending && !accept.isSuccess ? (
        <Stack>
          <Purpose invitation={invitation.data} />
          <FormErrorAlert error={accept.error} fields={[]} title={t.invitation.notJoined} />
          {me.data ? (
            me.data.email === invitation.data.email ? (
              <Button onClick={join} loading={accept.isPending}>
                {invitation.data.project_name === null ? t.invitation.accept : t.invitation.join(invitation.data.project_name)}
              </Button>
            ) : (
              <OtherAccount invited={invitation.data.email} email={me.data.email} onSignedOut={() => void me.refetch()} />
            )
          ) : invitation.data.has_account ? (
            <LoginForm email={invitation.data.email} onSignedIn={join} />
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
  if (project === null) return <Text size="sm">{t.invitation.toAccount}</Text>;
  return (
    <Text size="sm" component="div">
      <RichText
        text={t.invitation.toProject}
        values={{ project: <strong>{project}</strong>, role: t.invitation.asRole[role], description: t.roles.alone(role) }}
      />{" "}
      {hasAccount ? t.invitation.signInToJoin : null}
    </Text>
  );
}

function NotValid({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <Stack>
      {/* Trying again does not make an invalid link valid. */}
      <ErrorAlert title={t.invitation.invalid} error={error} {...(hasCode(error, "invitation_not_valid") ? {} : { retry })} />
      <Text size="sm">
        <Anchor component={Link} to="/login" inherit>
          {t.register.signInInstead}
        </Anchor>
      </Text>
    </Stack>
  );
}

interface OtherAccountProps {
  invited: string;
  email: string;
  onSignedOut: () => void;
}

function OtherAccount({ invited, email, onSignedOut }: OtherAccountProps) {
  const logout = useLogout();
  return (
    <Stack style={{ overflowWrap: "anywhere" }}>
      <Text size="sm">{t.invitation.otherAccount(invited, email)}</Text>
      <FormErrorAlert error={logout.error} fields={[]} title={t.invitation.signOutFailed} />
      <Button
        loading={logout.isPending}
        onClick={() => {
          logout.mutate(undefined, { onSuccess: onSignedOut });
        }}
      >
        {t.invitation.signOutFirst}
      </Button>
      <Button component={Link} to="/projects" variant="default">
        {t.invitation.staySignedIn}
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
