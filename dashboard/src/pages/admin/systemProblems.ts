import type { SystemState } from "../../api/client";
import { duration } from "../../format/duration";
import { t } from "../../texts";

const BEHIND_SECONDS = 30;
const SILENT_MS = 180_000;

/** What needs an owner's attention, the gravest first. */
export function systemProblems(system: SystemState): string[] {
  const { problems, servers } = t.system;
  const { stream } = system;
  return [
    ...(stream === null ? [problems.streamAway] : []),
    ...(stream !== null && !stream.consumers.some((one) => one.is_working) ? [problems.noProcessor] : []),
    ...(system.disks?.is_low ? [problems.diskLow] : []),
    ...system.memory.flatMap(({ server, used_bytes: used, is_full: isFull }) =>
      used === null && server !== "stream" ? [problems.serverAway(servers[server])] : isFull ? [problems.memoryFull(servers[server])] : [],
    ),
    ...(stream !== null && stream.oldest_seconds > BEHIND_SECONDS ? [problems.behind(duration(stream.oldest_seconds))] : []),
    ...system.queues.filter(({ workers }) => workers === 0).map(({ queue }) => problems.noWorker(queueName(queue))),
    ...(isSilent(system) ? [problems.scheduleSilent] : []),
    ...(system.failed_attempts.length > 0 ? [problems.failedAttempts] : []),
    ...(system.queues.some(({ failed }) => failed > 0) ? [problems.failedJobs] : []),
    ...(system.dead_letters > 0 ? [problems.deadLetters] : []),
  ];
}

function isSilent({ schedule_seen_at: seenAt, measured_at: now }: SystemState): boolean {
  return seenAt === null || new Date(now).getTime() - new Date(seenAt).getTime() > SILENT_MS;
}

/** The name of a queue of jobs. */
export function queueName(queue: string): string {
  return t.system.queues[queue] ?? queue;
}
