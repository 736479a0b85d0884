import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useRef, useState, type SyntheticEvent } from "react";
import type { MutationState } from "../../api/useApiMutation";
import { fieldError } from "../../api/errors";
import type { BothFactors } from "../../api/account";
import { FormErrorAlert, useFocusOnError } from "../../components/FormErrorAlert";

interface ReauthDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  note: string;
  action: string;
  isDestructive?: boolean;
  change: MutationState & {
    mutate: (proof: BothFactors, options: { onSuccess: () => void }) => void;
    reset: () => void;
  };
}

const FIELDS = ["current_password", "code"];

/** Asks for both factors once more before a grave change. */
export function ReauthDialog({ opened, onClose, title, note, action, isDestructive = false, change }: ReauthDialogProps) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const form = useRef<HTMLFormElement>(null);
  useFocusOnError(form, change.error);
  const close = () => {
    onClose();
    setPassword("");
    setCode("");
    change.reset();
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    change.mutate({ current_password: password, code: code.trim() }, { onSuccess: close });
  };
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <form onSubmit={submit} ref={form}>
        <Stack>
          <Text size="sm">{note}</Text>
          <FormErrorAlert error={change.error} fields={FIELDS} title="That did not work" />
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            data-autofocus
            value={password}
            error={fieldError(change.error, "current_password")}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
            }}
          />
          <TextInput
            label="Code"
            description="Of your authenticator app, or a recovery code"
            autoComplete="one-time-code"
            required
            withAsterisk={false}
            maxLength={64}
            value={code}
            error={fieldError(change.error, "code")}
            onChange={(event) => {
              setCode(event.currentTarget.value);
            }}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" {...(isDestructive ? { color: "coral" } : {})} loading={change.isPending}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
