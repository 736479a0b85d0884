import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useRef, useState, type SyntheticEvent } from "react";
import type { User } from "../../api/client";
import { fieldError } from "../../api/errors";
import { useResetPassword } from "../../api/installation";
import { FormErrorAlert, useFocusOnError } from "../../components/FormErrorAlert";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { suggestPassword } from "./suggestPassword";

/** Set somebody's password. They are told it by whoever sets it. */
export function ResetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const [password, setPassword] = useState(suggestPassword);
  const form = useRef<HTMLFormElement>(null);
  const showOnce = useShowOnce();
  const reset = useResetPassword(user.id);
  useFocusOnError(form, reset.error);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    reset.mutate(password, {
      onSuccess: () => {
        onClose();
        showOnce({
          title: `New password of ${user.email}`,
          warning: "Pass it on by a way that nobody else reads. They should change it after logging in.",
          values: [{ label: "Password", value: password }],
        });
      },
    });
  };
  return (
    <Modal opened onClose={onClose} title={`Set the password of ${user.email}`}>
      <form onSubmit={submit} ref={form}>
        <Stack>
          <FormErrorAlert error={reset.error} fields={["password"]} title="Not set" />
          <Text size="sm">All logins of the account end. Two-factor sign-in stays as it is.</Text>
          <TextInput
            label="New password"
            description="This one was made at random; you may write another"
            autoComplete="off"
            spellCheck={false}
            required
            withAsterisk={false}
            ff="monospace"
            data-autofocus
            value={password}
            error={fieldError(reset.error, "password")}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
            }}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={reset.isPending}>
              Cancel
            </Button>
            <Button type="submit" color="coral" loading={reset.isPending}>
              Set it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
