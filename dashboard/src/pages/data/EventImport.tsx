import { Alert, Button, FileInput, Group, Progress, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { useImportPreview, useUpload, type ImportPreview, type Reading } from "../../api/events/imports";
import { missingPermission } from "../../api/projects/roles";
import { DataTable } from "../../components/tables/DataTable";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { Panel } from "../../components/page/Panel";
import { PermissionNote } from "../../components/states/PermissionNote";
import { useLeaveWarning } from "../../components/forms/useLeaveWarning";
import { sharePercent } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { FailedState } from "../../notices/FailedState";
import { FormErrorAlert } from "../../notices/FormErrorAlert";
import { t } from "../../texts";
import { ImportColumns } from "./ImportColumns";
import { ImportList } from "./ImportList";

const texts = t.imports;
const ENDINGS = ".csv,.tsv,.txt,.jsonl,.ndjson,.json";
const SUGGESTED: Reading = { preset: null, mapping: null };

/** Choose a file of events, look at what would become of its rows, and import it. */
export function EventImport({ project }: { project: Project }) {
  const [file, setFile] = useState<File | null>(null);
  const reason = missingPermission(project.role, "admin");
  return (
    <Panel title={texts.title}>
      <Stack gap="md">
        <Text size="sm" c="dimmed" maw={640}>
          {texts.note}
        </Text>
        {reason === null ? (
          <FileInput
            label={texts.file}
            description={texts.fileNote}
            placeholder={texts.choose}
            accept={ENDINGS}
            styles={{ placeholder: { color: "var(--mantine-color-dimmed)" } }}
            clearable
            clearButtonProps={{ "aria-label": t.common.clear(texts.file) }}
            value={file}
            onChange={setFile}
            maw={640}
          />
        ) : (
          <PermissionNote reason={reason} />
        )}
        {file === null ? null : (
          <ChosenFile
            key={`${file.name} ${file.size} ${file.lastModified}`}
            project={project}
            file={file}
            onStarted={() => {
              setFile(null);
            }}
          />
        )}
        <ImportList project={project} />
      </Stack>
    </Panel>
  );
}

/** How the columns of a file are read, what would become of its first rows, and the button that imports it. */
function ChosenFile({ project, file, onStarted }: { project: Project; file: File; onStarted: () => void }) {
  const [reading, setReading] = useState(SUGGESTED);
  const [sent, setSent] = useState(0);
  const { data, error, isPlaceholderData, refetch } = useImportPreview(project.id, file, reading);
  const upload = useUpload(project.id);
  useLeaveWarning(upload.isPending);
  if (error) return <FailedState error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton />;
  const isBlocked = data.problem !== null || upload.isPending || isPlaceholderData;
  return (
    <>
      <ImportColumns preview={data} preset={reading.preset} isDisabled={upload.isPending} onChange={setReading} />
      <PreviewRows preview={data} zone={project.timezone} />
      <FormErrorAlert error={upload.error} fields={[]} title={texts.notSent} />
      {upload.isPending ? <Progress value={sent * 100} aria-label={texts.sending(sharePercent(sent))} /> : null}
      <Group>
        <Button
          aria-disabled={isBlocked}
          onClick={() => {
            if (!isBlocked) upload.mutate({ file, mapping: data.mapping, onSent: setSent }, { onSuccess: onStarted });
          }}
        >
          {upload.isPending ? texts.sending(sharePercent(sent)) : upload.error && sent > 0 ? texts.resume : texts.start}
        </Button>
      </Group>
    </>
  );
}

function PreviewRows({ preview, zone }: { preview: ImportPreview; zone: string }) {
  if (preview.problem !== null) {
    return (
      <Alert color="coral" title={texts.problem} role="alert" style={{ overflowWrap: "anywhere" }}>
        {preview.problem}
      </Alert>
    );
  }
  const rows = preview.rows.map((row) => ({
    key: String(row.row),
    cells: [
      row.event_name || t.common.none,
      row.timestamp === null ? t.common.none : exactTime(row.timestamp, zone),
      row.distinct_id ?? t.common.none,
      row.detail ?? texts.taken,
    ],
  }));
  const refused = preview.rows.filter((row) => row.detail !== null).length;
  return <DataTable caption={texts.preview(rows.length, refused)} columns={texts.previewColumns} rows={rows} />;
}
