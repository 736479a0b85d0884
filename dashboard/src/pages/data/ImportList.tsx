import { Anchor, Button, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { hasEnded, refusedAddress, useCancelImport, useImportCounts, useImports, type EventImport } from "../../api/events/imports";
import { isAtLeast } from "../../api/projects/roles";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { DataTable } from "../../components/tables/DataTable";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Name } from "../../components/text/Name";
import { exactNumber, sharePercent } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { FailedState } from "../../notices/FailedState";
import { t } from "../../texts";

const texts = t.imports;

/** The imports of a project, and what became of their rows. */
export function ImportList({ project }: { project: Project }) {
  const imports = useImports(project.id);
  const found = imports.data?.pages.flatMap(({ items }) => items) ?? [];
  if (imports.error && found.length === 0) return <FailedState error={imports.error} retry={() => void imports.refetch()} />;
  if (imports.isPending) return <ListSkeleton />;
  if (found.length === 0) return null;
  return (
    <Stack gap="sm">
      <Title order={3} fz={14}>
        {texts.list}
      </Title>
      <Stack gap="md" component="ul" aria-label={texts.list} p={0} m={0} style={{ listStyle: "none" }}>
        {found.map((one) => (
          <li key={one.id}>
            <ImportRow project={project} one={one} />
          </li>
        ))}
      </Stack>
      <LoadMoreButton label={texts.earlier} list={imports} />
    </Stack>
  );
}

function ImportRow({ project, one }: { project: Project; one: EventImport }) {
  const [isOpen, setIsOpen] = useState(false);
  const share = one.bytes_done / one.size;
  return (
    <Stack gap={6}>
      <Group gap="sm" justify="space-between">
        <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
          <Name>{one.name}</Name>
        </Text>
        <Text size="sm" c="dimmed">
          {texts.begun(texts.states[one.state], exactTime(one.created_at, project.timezone))}
        </Text>
      </Group>
      {hasEnded(one) ? null : <Progress value={share * 100} aria-label={texts.progress(one.name, sharePercent(share))} />}
      <Text size="sm" className="tm-figures" role="status">
        {texts.result(exactNumber(one.rows), exactNumber(one.imported), exactNumber(one.duplicates), exactNumber(one.refused))}
      </Text>
      {one.problem === null ? null : (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {one.state === "failed" && one.attempts > 0 ? texts.stuck(exactNumber(one.rows)) : one.problem}
        </Text>
      )}
      <Actions
        project={project}
        one={one}
        isOpen={isOpen}
        onToggle={() => {
          setIsOpen(!isOpen);
        }}
      />
      {isOpen ? <Reconciliation projectId={project.id} one={one} /> : null}
    </Stack>
  );
}

interface ActionsProps {
  project: Project;
  one: EventImport;
  isOpen: boolean;
  onToggle: () => void;
}

function Actions({ project, one, isOpen, onToggle }: ActionsProps) {
  const cancel = useCancelImport(project.id);
  const isAdmin = isAtLeast(project.role, "admin");
  return (
    <Group gap="md">
      {one.rows > 0 ? (
        <Button size="compact-sm" variant="default" aria-expanded={isOpen} aria-label={texts.countsOf(one.name)} onClick={onToggle}>
          {texts.counts}
        </Button>
      ) : null}
      {one.refused > 0 && isAdmin ? (
        <Anchor size="sm" href={refusedAddress(project.id, one.id)} download underline="always">
          {texts.refused}
        </Anchor>
      ) : null}
      {hasEnded(one) || !isAdmin ? null : (
        <ConfirmButton
          label={t.common.cancel}
          ariaLabel={texts.cancelOf(one.name)}
          title={texts.cancelOf(one.name)}
          action={texts.stop}
          cancelLabel={texts.goOn}
          mutation={cancel}
          onConfirm={(onDone) => {
            cancel.mutate(one.id, { onSuccess: onDone });
          }}
          button={{ size: "compact-sm" }}
        >
          {texts.cancelNote}
        </ConfirmButton>
      )}
    </Group>
  );
}

/** What became of the rows of each day and event. */
function Reconciliation({ projectId, one }: { projectId: number; one: EventImport }) {
  const { data, error, refetch } = useImportCounts(projectId, one.id, one.rows);
  if (error) return <FailedState error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton />;
  const rows = data.items.map((item) => ({
    key: `${item.day ?? ""} ${item.event_name}`,
    cells: [
      item.day ?? texts.noDay,
      item.event_name === "" ? t.common.none : <Name key="name">{item.event_name}</Name>,
      ...[item.rows, item.imported, item.duplicates, item.refused].map(exactNumber),
    ],
  }));
  return <DataTable caption={data.is_complete ? texts.reconciled(one.name) : texts.reconciledPart(one.name)} columns={texts.countColumns} rows={rows} />;
}
