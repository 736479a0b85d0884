import { Container, Stack } from "@mantine/core";
import { useMe } from "../../api/account/login";
import { PageTitle } from "../../components/page/PageTitle";
import { t } from "../../texts";
import { DisplayPanel } from "./DisplayPanel";
import { PasswordPanel } from "./PasswordPanel";
import { ProfilePanel } from "./ProfilePanel";
import { SessionsPanel } from "./SessionsPanel";
import { TwoFactorPanel } from "./TwoFactorPanel";

/** The account of the person who is signed in. */
export function AccountPage() {
  const me = useMe().data;
  if (!me) return null; // The shell shows why.
  return (
    <Container size="sm" px={0} mx={0}>
      <PageTitle title={t.account.title} note={me.email} />
      <Stack>
        <ProfilePanel user={me} />
        <DisplayPanel />
        <PasswordPanel email={me.email} />
        <TwoFactorPanel user={me} />
        <SessionsPanel />
      </Stack>
    </Container>
  );
}
