import { Alert, Drawer, Stack, Switch, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import type { ClosedDay, ProjectSealing } from "../../api/requests/client";
import { useClosedDays } from "../../api/operations/sealing";
import { EmptyState } from "../../components/states/EmptyState";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { FailedState } from "../../notices/FailedState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Cell, ColumnHeading, HeadingRow, Row, RowHeading, Rows, StackedTable } from "../../components/tables/StackedTable";
import { exactNumber } from "../../format/numbers";
import { daysName, exactTime } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";
import { SealAgain } from "./SealAgain";

const texts = t.aggregates;

/** The closed days of a project, and having some sealed again. */
export function ClosedDaysDrawer({ project, onClose }: { project: ProjectSealing | null; onClose: () => void }) {
  return (
    <Drawer
      opened={project !== null}
      onClose={onClose}
      position="right"
      size="xl"
      title={<span style={{ overflowWrap: "anywhere" }}>{project?.project}</span>}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      {project ? <Days project={project} /> : null}
    </Drawer>
  );
}

function Days({ project: { project_id: projectId, waiting_days: waiting } }: { project: ProjectSealing }) {
  const [onlyWaiting, setOnlyWaiting] = useState(waiting > 0);
  const list = useClosedDays(projectId, onlyWaiting);
  const [first] = list.data?.pages ?? [];
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack gap="md">
      {first?.error ? (
        <Alert color="coral" icon={<IconAlertTriangle size={18} />} title={texts.projectFails}>
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {first.error}
          </Text>
        </Alert>
      ) : null}
      {first && first.first_day !== null && first.first_day <= first.last_day ? (
        <SealAgain projectId={projectId} first={first.first_day} last={first.last_day} />
      ) : null}
      <Switch
        label={texts.onlyWaiting}
        checked={onlyWaiting}
        onChange={(event) => {
          setOnlyWaiting(event.currentTarget.checked);
        }}
      />
      {list.data === undefined ? (
        list.error ? <FailedState error={list.error} retry={() => void list.refetch()} /> : <ListSkeleton />
      ) : (
        <>
          {list.error ? <ErrorAlert title={t.errors.outdatedList} error={list.error} retry={() => void list.refetch()} /> : null}
          {items.length === 0 ? (
            <EmptyState title={onlyWaiting ? texts.noWaitingDays : texts.noDays} />
          ) : (
            <>
              <DayTable items={items} />
              <Text size="xs" c="dimmed">
                {texts.count(items.length, exactNumber(first?.total ?? 0))}
              </Text>
              <LoadMoreButton label={texts.showMoreDays} list={list} />
            </>
          )}
        </>
      )}
    </Stack>
  );
}

function DayTable({ items }: { items: readonly ClosedDay[] }) {
  return (
    <StackedTable label={texts.title} fz="sm" className="tm-figures">
      <HeadingRow>
        {texts.dayColumns.map((column) => (
          <ColumnHeading key={column}>{column}</ColumnHeading>
        ))}
      </HeadingRow>
      <Rows>
        {items.map((one) => (
          <Row key={one.day}>
            <RowHeading fw={500}>{daysName(one.day, one.day)}</RowHeading>
            <Cell label={texts.dayColumns[1]}>
              <DayState day={one} />
            </Cell>
            <Cell label={texts.dayColumns[2]}>{one.events === null ? t.common.none : exactNumber(one.events)}</Cell>
            <Cell label={texts.dayColumns[3]}>{one.sealed_at === null ? t.common.none : exactTime(one.sealed_at, browserZone())}</Cell>
          </Row>
        ))}
      </Rows>
    </StackedTable>
  );
}

/** The state of a day; of one that waits, since when and why. */
function DayState({ day: { state, reason, since, next_try_at: nextTry, attempts, error } }: { day: ClosedDay }) {
  const zone = browserZone();
  const notes = [
    reason === null ? null : texts.reasons[reason],
    since === null ? null : texts.since(exactTime(since, zone)),
    state === "failing" ? texts.attempts(attempts) : null,
    nextTry === null ? null : texts.nextTry(exactTime(nextTry, zone)),
  ].filter((note) => note !== null);
  return (
    <>
      <Text span inherit {...(state === "failing" ? { c: "var(--tm-down)" } : {})}>
        {texts.dayStates[state]}
      </Text>
      {notes.length > 0 ? (
        <Text size="xs" c="dimmed">
          {notes.join(" · ")}
        </Text>
      ) : null}
      {error === null ? null : (
        <Text size="xs" style={{ overflowWrap: "anywhere" }}>
          {error}
        </Text>
      )}
    </>
  );
}
