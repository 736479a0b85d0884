import { Button, PasswordInput, Text, TextInput } from "@mantine/core";
import { QRCodeSVG } from "qrcode.react";
import { useState } from "react";
import { useEnableTwoFactor, useSetUpTwoFactor } from "../../api/account/account";
import type { TwoFactorSetup } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { CopyField } from "../../components/text/CopyField";
import { FormDialog } from "../../components/forms/FormDialog";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { t } from "../../texts";
import { recoveryCodes } from "./recoveryCodes";
import classes from "./SetUpTwoFactor.module.css";

/** A button, the dialog that asks for the password, and the one for the app's first code. Recovery codes come last. */
export function SetUpTwoFactor({ email }: { email: string }) {
  const [setup, setSetup] = useState<TwoFactorSetup | null>(null);
  const begin = useSetUpTwoFactor();
  const dialog = useFormDialog({ password: "" }, begin);
  return (
    <>
      <Button onClick={dialog.open}>{t.account.setUp}</Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={t.account.setUpTitle}
        mutation={begin}
        fields={["current_password"]}
        errorTitle={t.errors.actionFailed(t.account.setUp)}
        submitLabel={t.account.continue}
        onSubmit={() => {
          begin.mutate(dialog.values.password, {
            onSuccess: (created) => {
              dialog.close();
              setSetup(created);
            },
          });
        }}
      >
        <Text size="sm">{t.account.setUpNote}</Text>
        <PasswordInput
          label={t.account.currentPassword}
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          value={dialog.values.password}
          error={fieldError(begin.error, "current_password")}
          aria-invalid={fieldError(begin.error, "current_password") !== undefined}
          onChange={(event) => {
            dialog.set("password", event.currentTarget.value);
          }}
        />
      </FormDialog>
      {setup ? (
        <FirstCode
          email={email}
          setup={setup}
          onClose={() => {
            setSetup(null);
          }}
        />
      ) : null}
    </>
  );
}

interface FirstCodeProps {
  email: string;
  setup: TwoFactorSetup;
  onClose: () => void;
}

function FirstCode({ email, setup, onClose }: FirstCodeProps) {
  const showOnce = useShowOnce();
  const enable = useEnableTwoFactor((codes) => {
    showOnce(recoveryCodes(email, codes));
  });
  const dialog = useFormDialog({ code: "" }, enable, { opened: true, onClose });
  return (
    <FormDialog
      opened={dialog.opened}
      onClose={dialog.close}
      title={t.account.addToApp}
      mutation={enable}
      fields={["code"]}
      errorTitle={t.account.notTurnedOn}
      submitLabel={t.account.turnOn}
      onSubmit={() => {
        enable.mutate(dialog.values.code.trim(), { onSuccess: dialog.close });
      }}
    >
      <Text size="sm">{t.account.scan}</Text>
      <div className={classes.code}>
        <QRCodeSVG value={setup.uri} size={184} title={t.account.qrCode} />
      </div>
      <CopyField label={t.account.secret} value={setup.secret} />
      <TextInput
        label={t.login.code}
        description={t.account.firstCodeHint}
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        withAsterisk={false}
        data-autofocus
        maxLength={64}
        value={dialog.values.code}
        error={fieldError(enable.error, "code")}
        onChange={(event) => {
          dialog.set("code", event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
