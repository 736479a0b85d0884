import { ActionIcon, Button, Checkbox, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Project } from "../api/requests/client";
import { isAtLeast } from "../api/projects/roles";
import { useCreateSegment, useDeleteSegment, useRenameSegment, useSegments, type Segment } from "../api/insights/segments";
import { ErrorAlert } from "../notices/ErrorAlert";
import { FormErrorAlert } from "../notices/FormErrorAlert";
import { t } from "../texts";
import { isComplete } from "./filters";
import { reportFilter } from "./reportState";
import { NO_SEGMENTS } from "./segmentText";
import type { Report } from "./useReport";

export interface SegmentListProps {
  project: Project;
  report: Report;
}

/** The segments of a project: choose some, save the current filters as one, rename and delete. */
export default function SegmentList({ project, report }: SegmentListProps) {
  const { segments, filters, set } = report;
  const { data, error, refetch } = useSegments(project.id, true);
  const remove = useDeleteSegment(project.id);
  const [renamed, setRenamed] = useState<number | null>(null);
  const mayEdit = isAtLeast(project.role, "member");
  // Beside any of several segments, a new one could not stand for the filters.
  const maySave = mayEdit && filters.some(isComplete) && (segments.every || segments.ids.length < 2);
  const close = () => {
    setRenamed(null);
  };
  return (
    <Stack gap="xs">
      {error ? <ErrorAlert title={t.report.segmentsNotLoaded} error={error} retry={() => void refetch()} /> : null}
      {data?.length === 0 ? <Text size="sm">{t.report.noSegments}</Text> : null}
      {data?.map((one) =>
        renamed === one.id ? (
          <Rename key={one.id} project={project} segment={one} onDone={close} />
        ) : (
          <Group key={one.id} gap={4} wrap="nowrap">
            <Checkbox
              flex={1}
              miw={0}
              size="xs"
              label={one.name}
              styles={{ label: { overflowWrap: "anywhere" } }}
              checked={segments.ids.includes(one.id)}
              onChange={({ currentTarget: { checked } }) => {
                const others = segments.ids.filter((id) => id !== one.id);
                set({ segments: { ...segments, ids: checked ? [...others, one.id] : others } });
              }}
            />
            {mayEdit ? (
              <>
                <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t.report.renameSegment(one.name)} onClick={() => { setRenamed(one.id); }}>
                  <IconPencil size={14} />
                </ActionIcon>
                <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t.report.deleteSegment(one.name)} onClick={() => { remove(one); }}>
                  <IconTrash size={14} />
                </ActionIcon>
              </>
            ) : null}
          </Group>
        ),
      )}
      {segments.ids.length > 1 ? (
        <SegmentedControl
          size="xs"
          aria-label={t.report.howSegmentsJoin}
          data={[
            { value: "all", label: t.report.allSegments },
            { value: "any", label: t.report.anySegment },
          ]}
          value={segments.every ? "all" : "any"}
          onChange={(value) => {
            set({ segments: { ...segments, every: value === "all" } });
          }}
        />
      ) : null}
      {maySave ? <Save project={project} report={report} /> : null}
    </Stack>
  );
}

/** Saves the filters as a segment, which then takes their place. */
function Save({ project, report: { filters, matchAll, segments, set } }: SegmentListProps) {
  const create = useCreateSegment(project.id);
  const [name, setName] = useState("");
  return (
    <NameForm
      name={name}
      setName={setName}
      label={t.report.saveAsSegment}
      note={t.report.saveAsSegmentNote}
      mutation={create}
      onSubmit={(chosen) => {
        const filter = reportFilter({ filters, matchAll, segments: NO_SEGMENTS }) as Segment["filters"];
        create.mutate(
          { name: chosen, filters: filter },
          {
            onSuccess: ({ id }) => {
              set({ filters: [], matchAll: true, segments: { ids: [...segments.ids, id], every: true } });
            },
          },
        );
      }}
    />
  );
}

function Rename({ project, segment, onDone }: { project: Project; segment: Segment; onDone: () => void }) {
  const rename = useRenameSegment(project.id);
  const [name, setName] = useState(segment.name);
  return (
    <NameForm
      name={name}
      setName={setName}
      label={t.common.save}
      mutation={rename}
      onSubmit={(chosen) => {
        rename.mutate({ id: segment.id, name: chosen }, { onSuccess: onDone });
      }}
      onCancel={onDone}
    />
  );
}

interface NameFormProps {
  name: string;
  setName: (name: string) => void;
  /** Of the button that submits. */
  label: string;
  note?: string;
  mutation: { isPending: boolean; error: Error | null };
  onSubmit: (name: string) => void;
  onCancel?: () => void;
}

function NameForm({ name, setName, label, note, mutation, onSubmit, onCancel }: NameFormProps) {
  const chosen = name.trim();
  return (
    <Stack
      gap={6}
      component="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== "" && !mutation.isPending) onSubmit(chosen);
      }}
    >
      <TextInput size="xs" label={t.report.segmentName} description={note} maxLength={200} value={name} onChange={(event) => { setName(event.currentTarget.value); }} />
      <FormErrorAlert title={t.report.segmentNotSaved} error={mutation.error} fields={[]} />
      <Group gap="xs">
        <Button size="xs" type="submit" disabled={chosen === ""} loading={mutation.isPending}>
          {label}
        </Button>
        {onCancel ? (
          <Button size="xs" variant="default" onClick={onCancel}>
            {t.common.cancel}
          </Button>
        ) : null}
      </Group>
    </Stack>
  );
}
