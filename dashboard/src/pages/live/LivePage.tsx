import { ActionIcon, Group, Select, Skeleton, Stack, Text, Tooltip } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useEventOptions } from "../../api/events/definitions";
import type { Project, RecentEvent } from "../../api/requests/client";
import { useLive } from "../../api/reports/home";
import { newestEvents, useLiveEvents } from "../../api/events/liveEvents";
import { useVisitorsOnline } from "../../api/events/liveVisitors";
import { useShownResult } from "../../api/cache/useShownResult";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { useAddressState } from "../../components/page/useAddressState";
import { EventList } from "../../features/eventStream/EventList";
import { StatusLine } from "../../features/eventStream/StatusLine";
import { FilterChips } from "../../report/FilterChips";
import { FilterPopover } from "../../report/FilterPopover";
import { useReport, type Report } from "../../report/useReport";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import classes from "./LivePage.module.css";
import { LIVE_LISTS, LiveValues } from "./LiveValues";
import { UsersNow } from "./UsersNow";

const EVENTS_SHOWN = 50;

/** What happens right now: who is there, where they are and come from, and the events as they arrive. */
export function LivePage() {
  return <ProjectPage>{(project) => <LiveOf project={project} />}</ProjectPage>;
}

function LiveOf({ project }: { project: Project }) {
  const [event, setEvent] = useAddressState("event");
  const report = useReport();
  const { filters } = report.query;
  const isFiltered = filters !== undefined;
  const [isPaused, setPaused] = useState(false);
  const [isHovered, setHovered] = useState(false);
  const isOn = !isPaused && !isHovered;
  const live = useLive(project.id, { limit: EVENTS_SHOWN, ...(event ? { event_name: event } : {}), ...(isFiltered ? { filters } : {}) }, isOn);
  const { shown, isOutdated, hasFailed } = useShownResult(live);
  // What arrives over connections passes no filter: with filters only the answer counts.
  const everybody = useVisitorsOnline(project.id);
  const online = isFiltered ? null : everybody;
  const stored = useLiveEvents(project.id, event, isOn);
  const events = isFiltered ? [] : stored.events;
  return (
    <>
      <PageTitle
        title={t.live.title}
        tab={t.live.tab(project.name)}
        note={
          isPaused ? t.live.paused : <StatusLine
              live={live.data}
              usersNow={online}
              receivedAt={live.dataUpdatedAt}
              zone={project.timezone}
              isWaiting={isHovered}
            />
        }
        actions={<LiveFilters project={project} report={report} />}
      />
      {live.error ? <ErrorAlert title={shown ? t.live.stale : t.live.notLoaded} error={live.error} retry={() => void live.refetch()} /> : null}
      <div className={classes.page} data-failed={hasFailed}>
        {hasFailed ? null : (
          <Stack gap="md" data-outdated={isOutdated} aria-busy={isOutdated}>
            <UsersNow live={shown} online={online} body={report.body} />
            {LIVE_LISTS.map((list) => (
              <LiveValues key={list.name} list={list} live={shown} body={report.body} />
            ))}
          </Stack>
        )}
        <div
          onMouseEnter={() => {
            setHovered(true);
          }}
          onMouseLeave={() => {
            setHovered(false);
          }}
        >
          {hasFailed && events.length === 0 ? null : (
            <Panel
              title={t.live.stream}
              actions={
                <>
                  <EventFilter project={project} value={event} onChange={setEvent} />
                  <PauseButton
                    isPaused={isPaused}
                    onToggle={() => {
                      setPaused(!isPaused);
                    }}
                  />
                </>
              }
            >
              {shown || events.length > 0 ? (
                <div data-outdated={isOutdated}>
                  <Stream
                    key={event}
                    events={newestEvents(events, shown?.events ?? [], EVENTS_SHOWN)}
                    receivedAt={live.dataUpdatedAt}
                    zone={project.timezone}
                    empty={isFiltered ? t.live.noneOfFilters : event ? t.live.noneOfThisName : t.live.noEvents}
                  />
                </div>
              ) : (
                <Skeleton height={420} />
              )}
            </Panel>
          )}
        </div>
      </div>
    </>
  );
}

/** Whose users and events the page shows. */
function LiveFilters({ project, report }: { project: Project; report: Report }) {
  return (
    <Group gap="xs">
      <FilterChips projectId={project.id} report={report} />
      <FilterPopover
        projectId={project.id}
        label={t.report.filter}
        onApply={(condition) => {
          report.set({ filters: [...report.filters, condition] });
        }}
      />
    </Group>
  );
}

interface StreamProps {
  events: readonly RecentEvent[];
  receivedAt: number;
  zone: string;
  /** What is said without events. */
  empty: string;
}

function Stream({ events, receivedAt, zone, empty }: StreamProps) {
  if (events.length > 0) return <EventList events={events} receivedAt={receivedAt} zone={zone} />;
  return (
    <Text size="sm" c="dimmed" py="xl" ta="center">
      {empty}
    </Text>
  );
}

function EventFilter({ project, value, onChange }: { project: Project; value: string; onChange: (name: string) => void }) {
  const [search, setSearch] = useState("");
  const names = useEventOptions(project.id, search).map(({ name }) => name);
  return (
    <Select
      aria-label={t.live.filterByName}
      placeholder={t.live.allEvents}
      size="xs"
      w={200}
      clearable
      searchable
      limit={100}
      onSearchChange={setSearch}
      nothingFoundMessage={t.live.noSuchEvent}
      data={[...new Set([...names, ...(value ? [value] : [])])]}
      value={value || null}
      onChange={(name) => {
        onChange(name ?? "");
      }}
    />
  );
}

function PauseButton({ isPaused, onToggle }: { isPaused: boolean; onToggle: () => void }) {
  const label = isPaused ? t.live.resume : t.live.pause;
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onToggle}>
        {isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}
