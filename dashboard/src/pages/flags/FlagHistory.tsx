import { Button, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { useFlagHistory, useRestoreFlag, type Flag, type FlagVersion } from "../../api/flags/flags";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { Panel } from "../../components/page/Panel";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { exactNumber } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import { FieldChanges } from "./FieldChanges";
import { changesIn } from "./flagChanges";

interface FlagHistoryProps {
  project: Project;
  flag: Flag;
  canRestore: boolean;
}

/** What was changed in a flag, when and by whom; an earlier version can be restored. */
export function FlagHistory({ project, flag, canRestore }: FlagHistoryProps) {
  const history = useFlagHistory(project.id, flag.id);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = history;
  const list = { data: history.data?.pages.flatMap(({ items }) => items), error: history.error, refetch: history.refetch };
  return (
    <Panel title={t.flags.history}>
      <Stack gap="sm">
        <ResourceList label={t.flags.history} list={list} empty={t.flags.noHistory}>
          {(version) => <Version key={version.version} project={project} flag={flag} version={version} canRestore={canRestore} />}
        </ResourceList>
        {hasNextPage ? (
          <Button variant="default" size="xs" style={{ alignSelf: "flex-start" }} loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t.flags.olderVersions}
          </Button>
        ) : null}
      </Stack>
    </Panel>
  );
}

function Version({ project, flag, version: one, canRestore }: FlagHistoryProps & { version: FlagVersion }) {
  const restore = useRestoreFlag(project.id, flag.id);
  const number = exactNumber(one.version);
  const name = t.flags.versionNumber(number);
  const isCurrent = one.version === flag.version;
  return (
    <ResourceListItem
      name={isCurrent ? t.flags.currentVersion(name) : name}
      note={[
        t.flags.changedBy(exactTime(one.changed_at, project.timezone), one.changed_by_email),
        ...(one.approved_by_email === null ? [] : [t.flags.approvedBy(one.approved_by_email)]),
      ].join(" · ")}
      actions={
        canRestore && !isCurrent ? (
          <ConfirmButton
            label={t.flags.restore}
            ariaLabel={t.flags.restoreOf(name)}
            title={t.flags.restoreOf(name)}
            action={t.flags.restore}
            mutation={restore}
            onConfirm={(onDone) => {
              restore.mutate(one.version, { onSuccess: onDone });
            }}
          >
            {t.flags.restoreNote(number)}
          </ConfirmButton>
        ) : null
      }
    >
      {one.version === 1 ? (
        <Text size="sm" c="dimmed">
          {t.flags.created}
        </Text>
      ) : (
        <FieldChanges name={name} changes={changesIn(one, project.timezone)} />
      )}
    </ResourceListItem>
  );
}
