import { Button, Radio, Stack, Text, TextInput } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import type { Role } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import type { MutationState } from "../../api/cache/useApiMutation";
import { FormDialog } from "../../components/forms/FormDialog";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { t } from "../../texts";

interface InviteDialogProps {
  title: string;
  /** The roles to choose from; none: there is no choice. */
  roles: readonly Role[];
  invite: MutationState & {
    mutate: (fields: { email: string; role: Role }, options: { onSuccess: () => void }) => void;
    reset: () => void;
  };
}

const INITIAL: { email: string; role: Role } = { email: "", role: "viewer" };

/** A button, and the dialog that creates an invitation. */
export function InviteDialog({ title, roles, invite }: InviteDialogProps) {
  const dialog = useFormDialog(INITIAL, invite);
  const { email, role } = dialog.values;
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconUserPlus size={14} />} onClick={dialog.open}>
        {t.invitation.invite}
      </Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={title}
        mutation={invite}
        fields={["email", "role"]}
        errorTitle={t.invitation.notInvited}
        submitLabel={t.invitation.createLink}
        onSubmit={() => {
          invite.mutate({ email: email.trim(), role }, { onSuccess: dialog.close });
        }}
      >
        <TextInput
          label={t.common.email}
          description={t.invitation.emailHint}
          type="email"
          required
          withAsterisk={false}
          data-autofocus
          value={email}
          error={fieldError(invite.error, "email")}
          onChange={(event) => {
            dialog.set("email", event.currentTarget.value);
          }}
        />
        {roles.length > 0 ? (
          <Radio.Group
            label={t.invitation.role}
            value={role}
            error={fieldError(invite.error, "role")}
            onChange={(value) => {
              dialog.set("role", value);
            }}
          >
            <Stack gap={8} mt={6}>
              {roles.map((value) => (
                <Radio key={value} value={value} label={t.roles.names[value]} description={t.roles.descriptions[value]} />
              ))}
            </Stack>
          </Radio.Group>
        ) : null}
        <Text size="sm" c="dimmed">
          {t.invitation.note}
        </Text>
      </FormDialog>
    </>
  );
}
