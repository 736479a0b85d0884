import { Button, Group, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserPlus } from "@tabler/icons-react";
import { useRef, useState, type SyntheticEvent } from "react";
import type { MutationState } from "../../api/useApiMutation";
import type { Role } from "../../api/client";
import { fieldError } from "../../api/errors";
import { ROLE_DESCRIPTIONS } from "../../api/roles";
import { FormErrorAlert, useFocusOnError } from "../../components/FormErrorAlert";

interface InviteDialogProps {
  title: string;
  /** What the invited may become; none: there is nothing to choose. */
  roles: readonly Role[];
  change: MutationState & {
    mutate: (wanted: { email: string; role: Role }, options: { onSuccess: () => void }) => void;
    reset: () => void;
  };
}

/** A button, and the dialog that makes an invitation. */
export function InviteDialog({ title, roles, change }: InviteDialogProps) {
  const [opened, { open, close }] = useDisclosure();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const form = useRef<HTMLFormElement>(null);
  useFocusOnError(form, change.error);
  const leave = () => {
    close();
    setEmail("");
    setRole("viewer");
    change.reset();
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    change.mutate({ email: email.trim(), role }, { onSuccess: leave });
  };
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconUserPlus size={14} />} onClick={open}>
        Invite
      </Button>
      <Modal
        opened={opened}
        onClose={leave}
        title={title}
        withCloseButton={!change.isPending}
        closeOnClickOutside={!change.isPending}
        closeOnEscape={!change.isPending}
      >
        <form onSubmit={submit} ref={form}>
          <Stack>
            <FormErrorAlert error={change.error} fields={["email", "role"]} title="Not invited" />
            <TextInput
              label="E-mail"
              description="Only this address can accept"
              type="email"
              required
              withAsterisk={false}
              data-autofocus
              value={email}
              error={fieldError(change.error, "email")}
              onChange={(event) => {
                setEmail(event.currentTarget.value);
              }}
            />
            {roles.length > 0 ? (
              <Radio.Group
                label="Role"
                value={role}
                error={fieldError(change.error, "role")}
                onChange={(value) => {
                  setRole(value);
                }}
              >
                <Stack gap={8} mt={6}>
                  {roles.map((one) => (
                    <Radio key={one} value={one} label={one} description={ROLE_DESCRIPTIONS[one]} />
                  ))}
                </Stack>
              </Radio.Group>
            ) : null}
            <Text size="sm" c="dimmed">
              You get a link to pass on. It is shown once and is good for 7 days.
            </Text>
            <Group justify="flex-end">
              <Button variant="default" onClick={leave} disabled={change.isPending}>
                Cancel
              </Button>
              <Button type="submit" loading={change.isPending}>
                Make the link
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
