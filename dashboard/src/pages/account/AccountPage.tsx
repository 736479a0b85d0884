import { Container, Stack } from "@mantine/core";
import { useMe } from "../../api/login";
import { PageTitle } from "../../components/PageTitle";
import { LoginsPanel } from "./LoginsPanel";
import { PasswordPanel } from "./PasswordPanel";
import { ProfilePanel } from "./ProfilePanel";
import { TwoFactorPanel } from "./TwoFactorPanel";

/** One's own account. */
export function AccountPage() {
  const me = useMe().data;
  if (!me) return null; // The shell shows why.
  return (
    <Container size="sm" px={0} mx={0}>
      <PageTitle title="Your account" note={me.email} />
      <Stack>
        <ProfilePanel user={me} />
        <PasswordPanel email={me.email} />
        <TwoFactorPanel user={me} />
        <LoginsPanel />
      </Stack>
    </Container>
  );
}
