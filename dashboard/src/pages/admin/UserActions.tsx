import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { useChangeUser, useDeleteUser, useRemoveTwoFactor } from "../../api/operations/admin";
import type { User } from "../../api/requests/client";
import { ConfirmDialog } from "../../components/forms/ConfirmDialog";
import { t } from "../../texts";
import { ResetPassword } from "./ResetPassword";

type Action = "activation" | "superuser" | "password" | "two-factor" | "delete";

/** The menu of what an owner of the server can do with an account. */
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
          <ActionIcon variant="default" size={30} aria-label={t.admin.actionsFor(user.email)}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {isMe ? null : item("password", t.admin.setPassword)}
          {user.has_second_factor && !isMe ? item("two-factor", t.admin.removeTwoFactor) : null}
          {item("superuser", user.is_superuser ? t.admin.revokeOwner : t.admin.makeOwner)}
          {isMe ? null : item("activation", user.is_active ? t.admin.deactivate : t.admin.activate)}
          {isMe ? <Menu.Label>{t.admin.ownAccountHint}</Menu.Label> : item("delete", t.common.delete, "coral")}
        </Menu.Dropdown>
      </Menu>
      {chosen === "activation" ? <ChangeActivation user={user} onClose={close} /> : null}
      {chosen === "superuser" ? <ChangeSuperuser user={user} onClose={close} /> : null}
      {chosen === "password" ? <ResetPassword user={user} onClose={close} /> : null}
      {chosen === "two-factor" ? <RemoveTwoFactor user={user} onClose={close} /> : null}
      {chosen === "delete" ? <DeleteUser user={user} onClose={close} /> : null}
    </>
  );
}

interface UserDialogProps {
  user: User;
  onClose: () => void;
}

function ChangeActivation({ user: { id, email, is_active: isActive }, onClose }: UserDialogProps) {
  const change = useChangeUser(id);
  return (
    <ConfirmDialog
      opened
      title={isActive ? t.admin.deactivateTitle(email) : t.admin.activateTitle(email)}
      action={isActive ? t.admin.deactivate : t.admin.activate}
      mutation={change}
      onClose={onClose}
      onConfirm={() => {
        change.mutate({ is_active: !isActive }, { onSuccess: onClose });
      }}
    >
      {isActive ? t.admin.deactivateNote : t.admin.activateNote}
    </ConfirmDialog>
  );
}

function ChangeSuperuser({ user: { id, email, is_superuser: isSuperuser }, onClose }: UserDialogProps) {
  const change = useChangeUser(id);
  return (
    <ConfirmDialog
      opened
      title={isSuperuser ? t.admin.revokeOwnerTitle(email) : t.admin.makeOwnerTitle(email)}
      action={isSuperuser ? t.admin.revokeOwnerAction : t.admin.makeOwnerAction}
      mutation={change}
      onClose={onClose}
      onConfirm={() => {
        change.mutate({ is_superuser: !isSuperuser }, { onSuccess: onClose });
      }}
    >
      {isSuperuser ? t.admin.revokeOwnerNote : t.admin.makeOwnerNote}
    </ConfirmDialog>
  );
}

function RemoveTwoFactor({ user, onClose }: UserDialogProps) {
  const remove = useRemoveTwoFactor(user.id);
  return (
    <ConfirmDialog
      opened
      title={t.admin.removeTwoFactorTitle(user.email)}
      action={t.common.remove}
      mutation={remove}
      onClose={onClose}
      onConfirm={() => {
        remove.mutate(undefined, { onSuccess: onClose });
      }}
    >
      {t.admin.removeTwoFactorNote}
    </ConfirmDialog>
  );
}

function DeleteUser({ user, onClose }: UserDialogProps) {
  const remove = useDeleteUser(user.id);
  return (
    <ConfirmDialog
      opened
      title={t.admin.deleteTitle(user.email)}
      action={t.admin.deleteAction}
      mutation={remove}
      onClose={onClose}
      onConfirm={() => {
        remove.mutate(undefined, { onSuccess: onClose });
      }}
    >
      {t.admin.deleteNote}
    </ConfirmDialog>
  );
}
