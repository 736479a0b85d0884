import { Group, Paper, ScrollArea, Select, Table, Text, Title, UnstyledButton } from "@mantine/core";
import { Fragment, useState } from "react";
import type { Project, RecentEvent } from "../../api/client";
import { useRecentEvents } from "../../api/queries";
import { Problem } from "../../components/Problem";
import { ago, exactTime } from "../../format";
import classes from "./EventFeed.module.css";

interface EventFeedProps {
  project: Project;
  live: boolean;
  /** Names to filter by. */
  names: string[];
}

/** The newest events as they come in; one click shows all of an event. */
export function EventFeed({ project, live, names }: EventFeedProps) {
  const [name, setName] = useState<string | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const events = useRecentEvents(project.id, name, { live });
  const choices = name && !names.includes(name) ? [name, ...names] : names;
  return (
    <Paper withBorder p="md" component="section" aria-label="Recent events">
      <Group justify="space-between" mb="sm">
        <Title order={2} fz={16}>
          Recent events
        </Title>
        <Select
          aria-label="Only events named"
          placeholder="All events"
          size="xs"
          clearable
          searchable
          data={choices}
          value={name}
          onChange={setName}
        />
      </Group>
      {events.error ? <Problem error={events.error} retry={() => void events.refetch()} /> : null}
      <ScrollArea.Autosize mah={480}>
        <Table highlightOnHover stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Event</Table.Th>
              <Table.Th visibleFrom="sm">User</Table.Th>
              <Table.Th visibleFrom="md">Source</Table.Th>
              <Table.Th ta="right">When</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {events.data?.items.map((event) => (
              <Fragment key={event.event_id}>
                <EventRow
                  event={event}
                  zone={project.timezone}
                  now={events.dataUpdatedAt}
                  opened={open === event.event_id}
                  onToggle={() => {
                    setOpen(open === event.event_id ? null : event.event_id);
                  }}
                />
                {open === event.event_id ? <EventDetails event={event} zone={project.timezone} /> : null}
              </Fragment>
            ))}
          </Table.Tbody>
        </Table>
        {events.data?.items.length === 0 ? (
          <Text c="dimmed" size="sm" ta="center" py="lg">
            No events of this name yet.
          </Text>
        ) : null}
      </ScrollArea.Autosize>
    </Paper>
  );
}

interface EventRowProps {
  event: RecentEvent;
  zone: string;
  /** When the list was fetched, in milliseconds since 1970. */
  now: number;
  opened: boolean;
  onToggle: () => void;
}

function EventRow({ event, zone, now, opened, onToggle }: EventRowProps) {
  return (
    <Table.Tr>
      <Table.Td>
        <UnstyledButton className={classes.name} onClick={onToggle} aria-expanded={opened}>
          {event.event_name}
        </UnstyledButton>
      </Table.Td>
      <Table.Td visibleFrom="sm" className={classes.quiet}>
        {event.distinct_id}
      </Table.Td>
      <Table.Td visibleFrom="md" className={classes.quiet}>
        {event.source ?? "–"}
      </Table.Td>
      <Table.Td ta="right" className={classes.quiet} title={exactTime(event.timestamp, zone)}>
        {ago(event.timestamp, now)} ago
      </Table.Td>
    </Table.Tr>
  );
}

function EventDetails({ event, zone }: { event: RecentEvent; zone: string }) {
  const details = {
    event_id: event.event_id,
    timestamp: exactTime(event.timestamp, zone),
    received_at: exactTime(event.received_at, zone),
    distinct_id: event.distinct_id,
    session_id: event.session_id,
    page_url: event.page_url,
    properties: event.properties,
  };
  return (
    <Table.Tr>
      <Table.Td colSpan={4}>
        <pre className={classes.details}>{JSON.stringify(details, null, 2)}</pre>
      </Table.Td>
    </Table.Tr>
  );
}
