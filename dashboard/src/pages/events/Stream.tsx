import { Anchor, Group, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { useEventStream, type EventQuery } from "../../api/events/events";
import { EmptyState } from "../../components/states/EmptyState";
import { EventDrawer } from "../../components/events/EventDrawer";
import { FailedState } from "../../notices/FailedState";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { SearchField, useSearch } from "../../components/forms/SearchField";
import { useAddressState } from "../../components/page/useAddressState";
import { useOpenEvent } from "../../components/events/useOpenEvent";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { ReportBar } from "../../report/ReportBar";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import classes from "./EventsPage.module.css";
import { EventTable } from "./EventTable";

/** The events of the chosen period, newest first, with filters and a search. */
export function Stream({ project }: { project: Project }) {
  const report = useReport();
  const [search] = useSearch();
  const [session, setSession] = useAddressState("session");
  const query: EventQuery = {
    ...report.query,
    ...(search ? { search } : {}),
    ...(session ? { session_id: session } : {}),
  };
  const stream = useEventStream(project.id, query);
  const events = stream.data?.pages.flatMap((page) => page.items);
  const [openEvent, setOpenId] = useOpenEvent(events ?? []);
  return (
    <Stack gap="md">
      <ReportBar project={project} hide={["compare", "interval"]} />
      <SearchField label={t.events.search} placeholder={t.events.searchNote} />
      {session ? (
        <Group gap="xs">
          <Text size="sm">{t.events.ofSession(session)}</Text>
          <Anchor
            component="button"
            size="sm"
            onClick={() => {
              setSession("");
            }}
          >
            {t.events.showAll}
          </Anchor>
        </Group>
      ) : null}
      <section className={classes.panel} aria-label={t.events.stream}>
        {stream.error ? (
          <FailedState title={t.events.streamNotLoaded} error={stream.error} retry={() => void stream.refetch()} />
        ) : null}
        {!events && !stream.error ? <LoadingSkeleton height={320} aria-busy="true" /> : null}
        {events?.length === 0 ? <EmptyState title={t.events.noEvents} note={t.events.noEventsNote} isFiltered /> : null}
        {events && events.length > 0 ? (
          <EventTable
            events={events}
            zone={project.timezone}
            now={stream.dataUpdatedAt}
            onOpen={(event) => {
              setOpenId(event.event_id);
            }}
          />
        ) : null}
        <LoadMoreButton label={t.events.older} list={stream} />
      </section>
      <EventDrawer
        project={project}
        event={openEvent}
        onClose={() => {
          setOpenId("");
        }}
        onFilter={(property, value) => {
          report.addFilter({ property, operator: "is", values: [value], scope: "event" });
        }}
      />
    </Stack>
  );
}
