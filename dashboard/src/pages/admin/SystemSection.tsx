import { Alert, Anchor, Box, List, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { Link } from "react-router";
import type { SystemState } from "../../api/requests/client";
import { useSystem } from "../../api/operations/system";
import { DataTable } from "../../components/tables/DataTable";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { Panel } from "../../components/page/Panel";
import { ReportContent } from "../../components/figures/ReportContent";
import { reasonText } from "../../features/outcomes";
import { duration } from "../../format/duration";
import { megabytes } from "../../format/megabytes";
import { exactNumber } from "../../format/numbers";
import { ago, clockTime } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";
import { problemText, queueName } from "./systemProblems";

const BYTES_PER_MB = 1_048_576;

/** The state of the server: storing, jobs, failures, disks and memory. */
export function SystemSection() {
  const system = useSystem();
  return (
    <ReportContent
      result={system}
      zone={browserZone()}
      failedTitle={t.system.notLoaded}
      skeleton={<Skeleton height={480} radius="lg" />}
    >
      {(state) => (
        <Stack gap="md">
          <Status state={state} />
          <StoringPanel state={state} />
          <WorkersPanel state={state} />
          <FailedAttempts state={state} />
          <Refusals state={state} />
          <Disks state={state} />
          <Memory state={state} />
        </Stack>
      )}
    </ReportContent>
  );
}

interface PartProps {
  state: SystemState;
}

function Status({ state }: PartProps) {
  const problems = state.problems.map(problemText);
  if (problems.length === 0) {
    return (
      <Alert color="tide" icon={<IconCircleCheck size={18} />} title={t.system.good} role="status">
        {t.system.goodNote(clockTime(state.measured_at, browserZone()))}
      </Alert>
    );
  }
  return (
    <Alert color="coral" icon={<IconAlertTriangle size={18} />} title={t.system.problemsTitle(problems.length)} role="status">
      <List size="sm">
        {problems.map((problem) => (
          <List.Item key={problem}>{problem}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function StoringPanel({ state: { stream, dead_letters: deadLetters, measured_at: now } }: PartProps) {
  return (
    <Panel title={t.system.stream}>
      {stream === null ? (
        <Nothing>{t.system.streamUnknown}</Nothing>
      ) : (
        <>
          <DefinitionList
            items={[
              [t.system.waiting, exactNumber(stream.waiting_entries)],
              [t.system.pending, exactNumber(stream.pending_entries)],
              [t.system.lag, duration(stream.oldest_seconds)],
              [
                t.system.deadLetters,
                <Anchor component={Link} to="/admin/dead-letters" fz="inherit">
                  {exactNumber(deadLetters)}
                </Anchor>,
              ],
            ]}
          />
          {stream.consumers.length === 0 ? (
            <Nothing>{t.system.noProcessors}</Nothing>
          ) : (
            <Box mt="md">
              <DataTable
                caption={t.system.processors}
                columns={t.system.processorColumns}
                rows={stream.consumers.map((one) => ({
                  key: one.name,
                  cells: [
                    one.name,
                    one.is_working ? t.system.working : t.system.stopped,
                    exactNumber(one.pending_entries),
                    ago(new Date(new Date(now).getTime() - one.idle_seconds * 1_000).toISOString(), new Date(now).getTime()),
                  ],
                }))}
              />
            </Box>
          )}
        </>
      )}
    </Panel>
  );
}

function WorkersPanel({ state: { queues, schedule_seen_at: seenAt, measured_at: now } }: PartProps) {
  return (
    <Panel title={t.system.workers}>
      {queues === null ? (
        <Nothing>{t.system.queuesUnknown}</Nothing>
      ) : (
        <>
          <DataTable
            caption={t.system.workers}
            isTitled
            columns={t.system.workerColumns}
            rows={queues.map(({ queue, workers, queued, running, failed }) => ({
              key: queue,
              cells: [queueName(queue), ...[workers, queued, running, failed].map(exactNumber)],
            }))}
          />
          <Text size="xs" c="dimmed" mt="sm">
            {seenAt === null ? t.system.noSchedule : t.system.schedule(ago(seenAt, new Date(now).getTime()))}
          </Text>
        </>
      )}
    </Panel>
  );
}

function FailedAttempts({ state: { failed_attempts: failed } }: PartProps) {
  return (
    <Panel title={t.system.failedAttempts}>
      {failed.length === 0 ? (
        <Nothing>{t.system.noFailedAttempts}</Nothing>
      ) : (
        <DataTable
          caption={t.system.failedAttemptsNote}
          columns={t.system.failedAttemptColumns}
          rows={failed.map(({ project_id: id, project, work, day, attempts, error }) => ({
            key: [id, work, day].join(),
            cells: [
              project ?? t.system.deletedProject(id),
              t.system.works[work] ?? work,
              day ?? t.system.wholeProject,
              exactNumber(attempts),
              error,
            ],
          }))}
        />
      )}
    </Panel>
  );
}

function Refusals({ state: { refusals } }: PartProps) {
  return (
    <Panel title={t.system.refusals}>
      {refusals.length === 0 ? (
        <Nothing>{t.system.noRefusals}</Nothing>
      ) : (
        <DataTable
          caption={t.system.refusals}
          isTitled
          columns={t.system.refusalColumns}
          rows={refusals.map(({ project_id: id, project, outcome, events }) => ({
            key: [id, outcome].join(),
            cells: [project ?? t.system.deletedProject(id), reasonText(outcome).label, exactNumber(events)],
          }))}
        />
      )}
    </Panel>
  );
}

function Disks({ state: { disks } }: PartProps) {
  return (
    <Panel title={t.system.disks}>
      {disks === null ? (
        <Nothing>{t.system.noDisks}</Nothing>
      ) : (
        <DataTable
          caption={t.system.minFree(megabytes(disks.min_free_mb))}
          columns={t.system.diskColumns}
          rows={disks.disks.map(({ folder, free_mb: free }) => ({ key: folder, cells: [folder, megabytes(free)] }))}
        />
      )}
    </Panel>
  );
}

function Memory({ state: { memory } }: PartProps) {
  const size = (bytes: number) => megabytes(bytes / BYTES_PER_MB);
  return (
    <Panel title={t.system.memory}>
      <DataTable
        caption={t.system.memory}
        isTitled
        columns={t.system.memoryColumns}
        rows={memory.map(({ server, used_bytes: used, maximum_bytes: maximum }) => ({
          key: server,
          cells: [
            t.system.servers[server],
            used === null ? t.system.away : size(used),
            used === null ? t.common.none : maximum === null ? t.system.noLimit : size(maximum),
          ],
        }))}
      />
    </Panel>
  );
}

function Nothing({ children }: { children: string }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}
