import { Modal, Switch, Text } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { dependentsOf, useDeleteFlag, useSwitchFlag, type Flag } from "../../api/flags/flags";
import { ConfirmDialog } from "../../components/forms/ConfirmDialog";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";

interface FlagSwitchProps {
  project: Project;
  flag: Flag;
  /** All flags of the project. */
  all: readonly Flag[];
  canEdit: boolean;
}

/** The switch of a flag. It asks first where other flags depend on this one; else it can be undone. */
export function FlagSwitch({ project, flag, all, canEdit }: FlagSwitchProps) {
  const { switchTo, isPending, error, reset } = useSwitchFlag(project.id);
  const [isAsking, setAsking] = useState(false);
  const dependents = dependentsOf(flag.key, all);
  const next = !flag.is_active;
  const close = () => {
    setAsking(false);
    reset();
  };
  return (
    <>
      <Switch
        label={flag.is_active ? t.common.on : t.common.off}
        aria-label={t.flags.switchOf(flag.key)}
        checked={flag.is_active}
        disabled={!canEdit || isPending}
        onChange={() => {
          if (dependents.length > 0) setAsking(true);
          else switchTo(flag, next);
        }}
      />
      {error && !isAsking ? <ErrorAlert title={t.flags.notSwitched} error={error} /> : null}
      <ConfirmDialog
        opened={isAsking}
        onClose={close}
        title={next ? t.flags.switchOn : t.flags.switchOff}
        action={next ? t.flags.switchOn : t.flags.switchOff}
        mutation={{ isPending, error }}
        onConfirm={() => {
          switchTo(flag, next, close);
        }}
      >
        {t.flags.dependentsNote(flag.key, dependents)}
      </ConfirmDialog>
    </>
  );
}

interface FlagDeletion {
  ask: (flag: Flag) => void;
  /** The flag that cannot be deleted, and those that depend on it. */
  refused: { flag: Flag; dependents: string[] } | null;
  close: () => void;
}

/** Deletes flags that no other depends on; says of others why it does not. */
export function useFlagDeletion(projectId: number, all: readonly Flag[], onDeleted?: () => void): FlagDeletion {
  const remove = useDeleteFlag(projectId);
  const [refused, setRefused] = useState<FlagDeletion["refused"]>(null);
  return {
    refused,
    ask: (flag) => {
      const dependents = dependentsOf(flag.key, all);
      if (dependents.length > 0) {
        setRefused({ flag, dependents });
        return;
      }
      remove(flag);
      onDeleted?.();
    },
    close: () => {
      setRefused(null);
    },
  };
}

export function DeletionDialog({ deletion: { refused, close } }: { deletion: FlagDeletion }) {
  return (
    <Modal opened={refused !== null} onClose={close} title={t.flags.cannotDelete}>
      <Text size="sm">{refused ? t.flags.cannotDeleteNote(refused.flag.key, refused.dependents) : null}</Text>
    </Modal>
  );
}
