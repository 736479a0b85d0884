import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { QRCodeSVG } from "qrcode.react";
import { useRef, useState, type SyntheticEvent } from "react";
import type { TwoFactorSetup } from "../../api/client";
import { fieldError } from "../../api/errors";
import { useEnableTwoFactor, useSetUpTwoFactor } from "../../api/account";
import { CopyField } from "../../components/CopyField";
import { FormErrorAlert, useFocusOnError } from "../../components/FormErrorAlert";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { recoveryCodes } from "./recoveryCodes";
import classes from "./SetUpTwoFactor.module.css";

interface SetUpTwoFactorProps {
  email: string;
  onClose: () => void;
}

/** First the password, then the app's secret and its first code; recovery codes come at the end. */
export function SetUpTwoFactor({ email, onClose }: SetUpTwoFactorProps) {
  const [setup, setSetup] = useState<TwoFactorSetup | null>(null);
  return (
    <Modal opened onClose={onClose} title={setup ? "Add it to your app" : "Set up two-factor sign-in"}>
      {setup ? (
        <FirstCode email={email} setup={setup} onClose={onClose} />
      ) : (
        <Password onClose={onClose} onSetup={setSetup} />
      )}
    </Modal>
  );
}

function Password({ onClose, onSetup }: { onClose: () => void; onSetup: (setup: TwoFactorSetup) => void }) {
  const [password, setPassword] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const begin = useSetUpTwoFactor();
  useFocusOnError(form, begin.error);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    begin.mutate(password, { onSuccess: onSetup });
  };
  return (
    <form onSubmit={submit} ref={form}>
      <Stack>
        <Text size="sm">
          You need an authenticator app on your phone, such as Aegis, 2FAS or the one of your password manager.
        </Text>
        <FormErrorAlert error={begin.error} fields={["current_password"]} title="That did not work" />
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          value={password}
          error={fieldError(begin.error, "current_password")}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={begin.isPending}>
            Go on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FirstCodeProps {
  email: string;
  setup: TwoFactorSetup;
  onClose: () => void;
}

function FirstCode({ email, setup, onClose }: FirstCodeProps) {
  const [code, setCode] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const showOnce = useShowOnce();
  const enable = useEnableTwoFactor((codes) => {
    showOnce(recoveryCodes(email, codes));
  });
  useFocusOnError(form, enable.error);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    enable.mutate(code.trim(), { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} ref={form}>
      <Stack>
        <Text size="sm">Scan this with your authenticator app, or enter the secret there by hand.</Text>
        <div className={classes.code}>
          <QRCodeSVG value={setup.uri} size={184} title="QR code for your authenticator app" />
        </div>
        <CopyField label="Secret" value={setup.secret} />
        <FormErrorAlert error={enable.error} fields={["code"]} title="Not switched on" />
        <TextInput
          label="Code"
          description="The six digits that the app shows now"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          data-autofocus
          maxLength={64}
          value={code}
          error={fieldError(enable.error, "code")}
          onChange={(event) => {
            setCode(event.currentTarget.value);
          }}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={enable.isPending}>
            Switch it on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
