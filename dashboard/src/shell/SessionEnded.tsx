import { Anchor, Modal, Text } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { LoginForm } from "../features/login/LoginForm";
import { t } from "../texts";

/** Asks to sign in again over the page, which keeps what was entered on it. */
export function SessionEnded({ email }: { email: string }) {
  const { pathname, search } = useLocation();
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={t.shell.sessionEnded}
    >
      <Text size="sm" mb="md">
        {t.shell.sessionEndedNote}
      </Text>
      <LoginForm email={email} onSignedIn={() => undefined} />
      <Anchor component={Link} to="/login" state={{ from: pathname + search }} size="sm" mt="md" display="inline-block">
        {t.shell.signInElsewhere}
      </Anchor>
    </Modal>
  );
}
