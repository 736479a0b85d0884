import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useRemoveJobs, useRetryJobs } from "../../api/operations/jobs";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";

const texts = t.jobs;

interface JobActionsProps {
  status: "failed" | "queued";
  /** Of the chosen jobs. */
  ids: readonly string[];
  hasJobs: boolean;
  onDone: () => void;
}

/** Retry or remove the chosen jobs, or retry all that have failed. */
export function JobActions({ status, ids, hasJobs, onDone }: JobActionsProps) {
  const retry = useRetryJobs();
  const remove = useRemoveJobs();
  const [done, setDone] = useState<string | null>(null);
  const finish = (count: number, text: (count: number) => string) => {
    setDone(count < ids.length ? `${text(count)} ${texts.gone}` : text(count));
    onDone();
  };
  const retryThese = (these: readonly string[] | null) => {
    retry.mutate(these, {
      onSuccess: (count) => {
        finish(count, texts.retried);
      },
    });
  };
  const isNone = ids.length === 0;
  return (
    <>
      {retry.error ? <ErrorAlert title={texts.notDone} error={retry.error} /> : null}
      <Group mb="sm" gap="xs">
        {status === "failed" ? (
          <>
            <Button
              size="xs"
              variant="default"
              disabled={isNone}
              loading={retry.isPending}
              onClick={() => {
                retryThese(ids);
              }}
            >
              {isNone ? texts.retry : texts.retryOf(ids.length)}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={!hasJobs}
              loading={retry.isPending}
              onClick={() => {
                retryThese(null);
              }}
            >
              {texts.retryAll}
            </Button>
          </>
        ) : null}
        <ConfirmButton
          label={isNone ? texts.remove : texts.removeOf(ids.length)}
          title={texts.removeTitle(ids.length)}
          action={texts.removeAction}
          mutation={remove}
          button={{ disabled: isNone }}
          onConfirm={(onClose) => {
            remove.mutate(ids, {
              onSuccess: (count) => {
                onClose();
                finish(count, texts.removed);
              },
            });
          }}
        >
          {texts.removeNote}
        </ConfirmButton>
        <Text size="sm" role="status">
          {done}
        </Text>
      </Group>
    </>
  );
}
