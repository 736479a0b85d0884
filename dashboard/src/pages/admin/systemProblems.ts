import type { SystemState } from "../../api/requests/client";
import { duration } from "../../format/duration";
import { t } from "../../texts";

type Problem = SystemState["problems"][number];
type Server = SystemState["unreachable"][number];

/** What a problem means, and what to do. */
export function problemText({ code, name, value }: Problem): string {
  const { problems, servers } = t.system;
  switch (code) {
    case "server_unreachable":
      return name === "stream" ? problems.streamAway : problems.serverAway(servers[name as Server]);
    case "memory_full":
      return problems.memoryFull(servers[name as Server]);
    case "storing_behind":
      return problems.behind(duration(value ?? 0));
    case "no_worker":
      return problems.noWorker(queueName(name ?? ""));
    case "no_processor":
      return problems.noProcessor;
    case "disk_low":
      return problems.diskLow;
    case "schedule_silent":
      return problems.scheduleSilent;
    case "failed_attempts":
      return problems.failedAttempts;
    case "failed_jobs":
      return problems.failedJobs;
    case "dead_letters":
      return problems.deadLetters;
    case "messages_late":
      return problems.messagesLate(duration(value ?? 0));
    case "messages_given_up":
      return problems.messagesGivenUp;
  }
}

/** The name of a queue of jobs. */
export function queueName(queue: string): string {
  return t.system.queues[queue] ?? queue;
}
