import { ActionIcon, Select, Skeleton, Stack, Text, Tooltip } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useEventOptions } from "../../api/definitions";
import type { Project, RecentEvent } from "../../api/client";
import { useLive, type Live } from "../../api/home";
import { newestEvents, useLiveEvents } from "../../api/liveEvents";
import { useVisitorsOnline } from "../../api/liveVisitors";
import { useShownResult } from "../../api/useShownResult";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { Door } from "../../components/Door";
import { PageTitle } from "../../components/PageTitle";
import { Panel } from "../../components/Panel";
import { useAddressState } from "../../components/useAddressState";
import { EventList } from "../../features/eventStream/EventList";
import { StatusLine } from "../../features/eventStream/StatusLine";
import { usersQuestion } from "../../features/figures/questions";
import { countryName } from "../../format/country";
import { exactNumber } from "../../format/numbers";
import { rangeName } from "../../format/time";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import classes from "./LivePage.module.css";
import { LiveValues } from "./LiveValues";
import { MinuteBars } from "./MinuteBars";

const EVENTS_SHOWN = 50;

/** What happens right now: who is there, where they are and come from, and the events as they arrive. */
export function LivePage() {
  return <ProjectPage>{(project) => <LiveOf project={project} />}</ProjectPage>;
}

function LiveOf({ project }: { project: Project }) {
  const [event, setEvent] = useAddressState("event");
  const [isPaused, setPaused] = useState(false);
  const [isHovered, setHovered] = useState(false);
  const live = useLive(project.id, { limit: EVENTS_SHOWN, ...(event ? { event_name: event } : {}) }, !isPaused && !isHovered);
  const { shown } = useShownResult(live);
  // Nothing was received yet: the alert stands for all of it.
  const hasNone = shown === undefined && live.error !== null;
  const online = useVisitorsOnline(project.id);
  const stored = useLiveEvents(project.id, event, !isPaused && !isHovered);
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
      />
      {live.error ? <ErrorAlert title={shown ? t.live.stale : t.live.notLoaded} error={live.error} retry={() => void live.refetch()} /> : null}
      <div className={classes.page}>
        <Stack gap="md">
          {hasNone ? null : (
            <>
              <Now live={shown} online={online} />
              <LiveValues title={t.live.pages} values={shown?.pages} name={(value) => value ?? t.live.noPage} empty={t.live.nobodyOnPages} />
              <LiveValues title={t.live.sources} values={shown?.sources} name={(value) => value ?? t.live.direct} empty={t.live.nobody} />
              <LiveValues
                title={t.live.countries}
                values={shown?.countries}
                name={(value) => (value === null ? t.live.unknown : countryName(value))}
                empty={t.live.nobody}
              />
            </>
          )}
        </Stack>
        <div
          onMouseEnter={() => {
            setHovered(true);
          }}
          onMouseLeave={() => {
            setHovered(false);
          }}
        >
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
            {shown ? (
              <Stream
                key={event}
                events={newestEvents(stored.events, shown.events, EVENTS_SHOWN)}
                receivedAt={live.dataUpdatedAt}
                zone={project.timezone}
                isFiltered={event !== ""}
              />
            ) : live.error ? null : (
              <Skeleton height={420} />
            )}
          </Panel>
        </div>
      </div>
    </>
  );
}

function Now({ live, online }: { live: Live | undefined; online: number | null }) {
  return <Panel title={t.live.now}>{live ? <NowOf live={live} online={online} /> : <Skeleton height={150} />}</Panel>;
}

function NowOf({ live, online }: { live: Live; online: number | null }) {
  const range = { from: live.minutes.at(-live.online_minutes)?.start ?? live.from, to: live.to };
  return (
    <>
      <div className={classes.number}>
        <Door figure={t.home.figureOf(t.live.now, rangeName(range.from, range.to, live.timezone))} question={usersQuestion(range)}>
          {exactNumber(online ?? live.users_now)}
        </Door>
      </div>
      <Text size="xs" c="dimmed" mb="sm">
        {t.live.nowNote(live.online_minutes)}
      </Text>
      <MinuteBars minutes={live.minutes} zone={live.timezone} />
    </>
  );
}

interface StreamProps {
  events: readonly RecentEvent[];
  receivedAt: number;
  zone: string;
  isFiltered: boolean;
}

function Stream({ events, receivedAt, zone, isFiltered }: StreamProps) {
  if (events.length > 0) return <EventList events={events} receivedAt={receivedAt} zone={zone} />;
  return (
    <Text size="sm" c="dimmed" py="xl" ta="center">
      {isFiltered ? t.live.noneOfThisName : t.live.noEvents}
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
