import { ActionIcon, Button, Group, Menu, Modal, Stack, Text } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import type { MutationState } from "../../api/useApiMutation";
import type { User } from "../../api/client";
import { useChangeUser, useDeleteUser, useRemoveTwoFactor } from "../../api/installation";
import { FormErrorAlert } from "../../components/FormErrorAlert";
import { ResetPassword } from "./ResetPassword";

type Action = "switch" | "superuser" | "password" | "two-factor" | "delete";

/** What an owner of the installation does with an account. */
export function UserActions({ user, isMe }: { user: User; isMe: boolean }) {
  const [chosen, setChosen] = useState<Action | null>(null);
  const close = () => {
    setChosen(null);
  };
  const item = (action: Action, label: string, color?: string) => (
    <Menu.Item
      {...(color ? { color } : {})}
      onClick={() => {
        setChosen(action);
      }}
    >
      {label}
    </Menu.Item>
  );
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={`Actions for ${user.email}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {isMe ? null : item("password", "Set a password")}
          {user.has_second_factor && !isMe ? item("two-factor", "Remove two-factor sign-in") : null}
          {item("superuser", user.is_superuser ? "No longer an owner of the installation" : "Make an owner of the installation")}
          {isMe ? null : item("switch", user.is_active ? "Switch off" : "Switch on")}
          {isMe ? (
            <Menu.Label>Password and two-factor sign-in are in your account</Menu.Label>
          ) : (
            item("delete", "Delete", "coral")
          )}
        </Menu.Dropdown>
      </Menu>
      {chosen === "switch" ? <Switch user={user} onClose={close} /> : null}
      {chosen === "superuser" ? <Office user={user} onClose={close} /> : null}
      {chosen === "password" ? <ResetPassword user={user} onClose={close} /> : null}
      {chosen === "two-factor" ? <RemoveTwoFactor user={user} onClose={close} /> : null}
      {chosen === "delete" ? <Delete user={user} onClose={close} /> : null}
    </>
  );
}

interface ConfirmDialogProps {
  title: string;
  action: string;
  change: MutationState;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

function ConfirmDialog({ title, action, change, onConfirm, onClose, children }: ConfirmDialogProps) {
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack>
        <FormErrorAlert error={change.error} fields={[]} title="That did not work" />
        <Text size="sm" component="div">
          {children}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={change.isPending} data-autofocus>
            Cancel
          </Button>
          <Button color="coral" loading={change.isPending} onClick={onConfirm}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface OfUser {
  user: User;
  onClose: () => void;
}

function Switch({ user, onClose }: OfUser) {
  const change = useChangeUser(user.id);
  return (
    <ConfirmDialog
      title={user.is_active ? `Switch ${user.email} off?` : `Switch ${user.email} on?`}
      action={user.is_active ? "Switch it off" : "Switch it on"}
      change={change}
      onClose={onClose}
      onConfirm={() => {
        change.mutate({ is_active: !user.is_active }, { onSuccess: onClose });
      }}
    >
      {user.is_active
        ? "All its logins end at once, and it cannot log in until it is switched on again. Its memberships stay."
        : "It can log in again, with the memberships it had."}
    </ConfirmDialog>
  );
}

function Office({ user, onClose }: OfUser) {
  const change = useChangeUser(user.id);
  return (
    <ConfirmDialog
      title={user.is_superuser ? `Take the office from ${user.email}?` : `Make ${user.email} an owner?`}
      action={user.is_superuser ? "Take it" : "Make an owner"}
      change={change}
      onClose={onClose}
      onConfirm={() => {
        change.mutate({ is_superuser: !user.is_superuser }, { onSuccess: onClose });
      }}
    >
      {user.is_superuser
        ? "The account no longer sees other people's projects or this page. What it is a member of stays."
        : "An owner of the installation looks after all accounts, and may do everything in every project."}
    </ConfirmDialog>
  );
}

function RemoveTwoFactor({ user, onClose }: OfUser) {
  const change = useRemoveTwoFactor(user.id);
  return (
    <ConfirmDialog
      title={`Remove the two-factor sign-in of ${user.email}?`}
      action="Remove it"
      change={change}
      onClose={onClose}
      onConfirm={() => {
        change.mutate(undefined, { onSuccess: onClose });
      }}
    >
      For somebody who lost their phone and their recovery codes. Be sure that it is they who ask: from then on the
      password alone opens the account. All its logins end.
    </ConfirmDialog>
  );
}

function Delete({ user, onClose }: OfUser) {
  const change = useDeleteUser(user.id);
  return (
    <ConfirmDialog
      title={`Delete ${user.email}?`}
      action="Delete it"
      change={change}
      onClose={onClose}
      onConfirm={() => {
        change.mutate(undefined, { onSuccess: onClose });
      }}
    >
      The account and its memberships go for good. What it did stays in the audit logs under its address. To keep it and
      only close it, switch it off instead.
    </ConfirmDialog>
  );
}
