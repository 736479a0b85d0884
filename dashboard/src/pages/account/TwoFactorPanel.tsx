import { Badge, Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { User } from "../../api/client";
import { useDisableTwoFactor, useNewRecoveryCodes } from "../../api/account";
import { Panel } from "../../components/Panel";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { ReauthDialog } from "./ReauthDialog";
import { recoveryCodes } from "./recoveryCodes";
import { SetUpTwoFactor } from "./SetUpTwoFactor";

/** The second factor of one's account. */
export function TwoFactorPanel({ user }: { user: User }) {
  const isOn = user.has_second_factor;
  return (
    <Panel
      title="Two-factor sign-in"
      actions={
        <Badge variant={isOn ? "light" : "default"} size="sm">
          {isOn ? "On" : "Off"}
        </Badge>
      }
    >
      <Text size="sm" c="dimmed" mb="md">
        {isOn
          ? "Logging in takes your password and a code of your authenticator app, or a recovery code."
          : "With it, logging in also takes a code that an app on your phone makes. Who learns your password is still left outside."}
      </Text>
      {isOn ? <WhenOn email={user.email} /> : <WhenOff email={user.email} />}
    </Panel>
  );
}

function WhenOff({ email }: { email: string }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button onClick={open}>Set it up</Button>
      {opened ? <SetUpTwoFactor email={email} onClose={close} /> : null}
    </>
  );
}

function WhenOn({ email }: { email: string }) {
  const [opened, setOpened] = useDisclosure();
  const [disabling, setDisabling] = useDisclosure();
  const showOnce = useShowOnce();
  const renew = useNewRecoveryCodes((codes) => {
    showOnce(recoveryCodes(email, codes));
  });
  const disable = useDisableTwoFactor();
  return (
    <Group gap="sm">
      <Button variant="default" size="xs" onClick={setOpened.open}>
        New recovery codes
      </Button>
      <Button variant="default" size="xs" onClick={setDisabling.open}>
        Switch it off
      </Button>
      <ReauthDialog
        opened={opened}
        onClose={setOpened.close}
        title="New recovery codes"
        note="The codes you have now are void then."
        action="Make new codes"
        change={renew}
      />
      <ReauthDialog
        opened={disabling}
        onClose={setDisabling.close}
        title="Switch two-factor sign-in off?"
        note="The password alone then opens your account."
        action="Switch it off"
        isDestructive
        change={disable}
      />
    </Group>
  );
}
