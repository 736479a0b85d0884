import { Button, Group, Select, Text } from "@mantine/core";
import { useState } from "react";
import type { DeadLetter } from "../../api/requests/client";
import { useDeadLetters, useDiscard, useReplay, type DeadLetterFilter } from "../../api/operations/deadLetters";
import { useProjects } from "../../api/projects/projects";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { EmptyState } from "../../components/states/EmptyState";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { FailedState } from "../../notices/FailedState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Panel } from "../../components/page/Panel";
import { useAddressState } from "../../components/page/useAddressState";
import { exactNumber } from "../../format/numbers";
import { DAY_MS } from "../../format/time";
import { t } from "../../texts";
import { DeadLetterDrawer } from "./DeadLetterDrawer";
import { DeadLetterTable, keyOf } from "./DeadLetterTable";

const texts = t.deadLetters;

/** Events of all projects that could not be stored: look, replay, discard. */
export function DeadLettersSection() {
  const [project, setProject] = useAddressState("project");
  const [reason, setReason] = useAddressState("reason");
  const [days, setDays] = useAddressState("days");
  // The time does not move on while somebody looks, so that pages fit together.
  const [now] = useState(() => Date.now());
  const since = days in texts.times ? new Date(now - Number(days) * DAY_MS).toISOString() : null;
  const filter = { projectId: /^\d+$/.test(project) ? Number(project) : null, reason: reason || null, since };
  const projects = useProjects().data ?? [];
  return (
    <Panel title={texts.title}>
      <Text size="sm" c="dimmed" mb="sm">
        {texts.note}
      </Text>
      <Group mb="md" gap="sm">
        <Choice
          label={texts.project}
          any={texts.anyProject}
          value={project}
          data={projects.map(({ id, name }) => ({ value: String(id), label: name }))}
          onChange={setProject}
        />
        <Choice
          label={texts.reason}
          any={texts.anyReason}
          value={reason}
          data={Object.entries(texts.reasons).map(([value, label]) => ({ value, label }))}
          onChange={setReason}
        />
        <Choice
          label={texts.time}
          any={texts.anyTime}
          value={days}
          data={Object.entries(texts.times).map(([value, label]) => ({ value, label }))}
          onChange={setDays}
        />
      </Group>
      {/* Another filter, another choice. */}
      <Found key={JSON.stringify(filter)} filter={filter} />
    </Panel>
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  value: string;
  data: { value: string; label: string }[];
  onChange: (value: string) => void;
}

function Choice({ label, any, value, data, onChange }: ChoiceProps) {
  return (
    <Select
      aria-label={label}
      size="xs"
      w={170}
      placeholder={any}
      clearable
      searchable
      value={value || null}
      data={data}
      clearButtonProps={{ "aria-label": any }}
      onChange={(chosen) => {
        onChange(chosen ?? "");
      }}
    />
  );
}

function Found({ filter }: { filter: DeadLetterFilter }) {
  const list = useDeadLetters(filter);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [opened, open] = useState<DeadLetter | null>(null);
  if (list.data === undefined) {
    return list.error ? <FailedState error={list.error} retry={() => void list.refetch()} /> : <ListSkeleton />;
  }
  const items = list.data.pages.flatMap((page) => page.items);
  const isFiltered = Object.values(filter).some((one) => one !== null);
  const clear = () => {
    setChosen(new Set());
  };
  return (
    <>
      {list.error ? <ErrorAlert title={t.errors.outdatedList} error={list.error} retry={() => void list.refetch()} /> : null}
      <Actions chosen={items.filter((item) => chosen.has(keyOf(item)))} onDone={clear} />
      {items.length === 0 ? (
        <EmptyState title={isFiltered ? texts.noMatch : texts.empty} />
      ) : (
        <>
          <DeadLetterTable items={items} chosen={chosen} onChoose={setChosen} onOpen={open} />
          <Text size="xs" c="dimmed" mt="xs">
            {texts.count(items.length, exactNumber(list.data.pages[0]?.total ?? 0))}
          </Text>
          <LoadMoreButton label={texts.showMore} list={list} />
        </>
      )}
      <DeadLetterDrawer
        deadLetter={opened}
        onClose={() => {
          open(null);
        }}
      />
    </>
  );
}

function Actions({ chosen, onDone }: { chosen: readonly DeadLetter[]; onDone: () => void }) {
  const replay = useReplay();
  const discard = useDiscard();
  const [done, setDone] = useState<string | null>(null);
  const finish = (count: number, text: (count: number) => string) => {
    setDone(count < chosen.length ? `${text(count)} ${texts.gone}` : text(count));
    onDone();
  };
  return (
    <>
      {replay.error ? <ErrorAlert title={texts.notDone} error={replay.error} /> : null}
      <Group mb="sm" gap="xs">
        <Button
          size="xs"
          variant="default"
          disabled={chosen.length === 0}
          loading={replay.isPending}
          onClick={() => {
            replay.mutate(chosen, {
              onSuccess: (count) => {
                finish(count, texts.replayed);
              },
            });
          }}
        >
          {chosen.length === 0 ? texts.replay : texts.replayOf(chosen.length)}
        </Button>
        <ConfirmButton
          label={chosen.length === 0 ? texts.discard : texts.discardOf(chosen.length)}
          title={texts.discardTitle(chosen.length)}
          action={texts.discardAction}
          mutation={discard}
          button={{ disabled: chosen.length === 0 }}
          onConfirm={(onClose) => {
            discard.mutate(chosen, {
              onSuccess: (count) => {
                onClose();
                finish(count, texts.discarded);
              },
            });
          }}
        >
          {texts.discardNote}
        </ConfirmButton>
        <Text size="sm" role="status">
          {done}
        </Text>
      </Group>
    </>
  );
}
