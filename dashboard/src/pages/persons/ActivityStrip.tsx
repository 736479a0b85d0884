import { Skeleton, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { usePersonActivity } from "../../api/persons/persons";
import { FailedState } from "../../notices/FailedState";
import { Panel } from "../../components/page/Panel";
import { DAY_MS, dayName } from "../../format/time";
import { t } from "../../texts";
import classes from "./ActivityStrip.module.css";

const DAYS = 90;
const LEVELS = [1, 5, 20, 60];

/** On which of the last 90 days a person was active: the darker, the more. */
export function ActivityStrip({ project, personId }: { project: Project; personId: number }) {
  const activity = usePersonActivity(project.id, personId);
  const texts = t.people.profile;
  if (activity.error && !activity.data) return <FailedState error={activity.error} retry={() => void activity.refetch()} />;
  if (!activity.data) return <Skeleton height={92} radius="lg" />;
  const counts = new Map(activity.data.days.map(({ date, events }) => [date, events]));
  const days = lastDays(project.timezone, activity.dataUpdatedAt);
  const total = [...counts.values()].reduce((sum, events) => sum + events, 0);
  const summary = texts.activitySummary(counts.size, total);
  return (
    <Panel title={texts.activity}>
      <div className={classes.strip} role="img" aria-label={summary}>
        {days.map((day) => {
          const events = counts.get(day) ?? 0;
          const title = texts.day(dayName(`${day}T12:00:00Z`, "UTC"), events);
          return <span key={day} className={classes.day} data-level={LEVELS.filter((level) => events >= level).length} title={title} />;
        })}
      </div>
      <Text size="xs" c="dimmed" mt={8}>
        {summary}
      </Text>
    </Panel>
  );
}

/** The dates of the last days in a zone, today the last one. */
function lastDays(zone: string, now: number): string[] {
  // The Swedish form of a date is the ISO one.
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(new Date(now));
  const noon = new Date(`${today}T12:00:00Z`).getTime();
  return Array.from({ length: DAYS }, (_, index) => new Date(noon - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10));
}
