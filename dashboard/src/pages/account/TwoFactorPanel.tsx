import { Badge, Group, Text } from "@mantine/core";
import { useDisableTwoFactor, useNewRecoveryCodes } from "../../api/account/account";
import type { User } from "../../api/requests/client";
import { Panel } from "../../components/page/Panel";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { t } from "../../texts";
import { ReauthDialog } from "./ReauthDialog";
import { recoveryCodes } from "./recoveryCodes";
import { SetUpTwoFactor } from "./SetUpTwoFactor";

/** Two-factor authentication of the account. */
export function TwoFactorPanel({ user }: { user: User }) {
  const isOn = user.has_second_factor;
  return (
    <Panel
      title={t.account.twoFactor}
      actions={
        <Badge variant={isOn ? "light" : "default"} size="sm">
          {isOn ? t.common.on : t.common.off}
        </Badge>
      }
    >
      <Text size="sm" c="dimmed" mb="md">
        {isOn ? t.account.twoFactorOnNote : t.account.twoFactorOffNote}
      </Text>
      {isOn ? <WhenOn email={user.email} /> : <SetUpTwoFactor email={user.email} />}
    </Panel>
  );
}

function WhenOn({ email }: { email: string }) {
  const showOnce = useShowOnce();
  const renew = useNewRecoveryCodes((codes) => {
    showOnce(recoveryCodes(email, codes));
  });
  const disable = useDisableTwoFactor();
  return (
    <Group gap="sm">
      <ReauthDialog
        label={t.account.newCodes}
        title={t.account.newCodes}
        note={t.account.newCodesNote}
        action={t.account.createCodes}
        mutation={renew}
      />
      <ReauthDialog
        label={t.account.turnOff}
        title={t.account.turnOffTitle}
        note={t.account.turnOffNote}
        action={t.account.turnOff}
        isDestructive
        mutation={disable}
      />
    </Group>
  );
}
