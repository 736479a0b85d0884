import { Avatar, ScrollArea, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { PersonSummary } from "../../api/reports/figures";
import { countryName } from "../../format/country";
import { exactNumber } from "../../format/numbers";
import { initials, personName } from "../../format/personName";
import { ago, exactTime } from "../../format/time";
import { t } from "../../texts";
import { Name } from "../text/Name";
import classes from "./PersonTable.module.css";

interface PersonTableProps {
  label: string;
  projectId: number;
  zone: string;
  persons: readonly PersonSummary[];
  /** When the list was received, in milliseconds since 1970. */
  receivedAt: number;
  /** Properties with a column of their own. */
  properties?: readonly string[];
  /** Fewer columns, for a narrow part of a page. */
  isCompact?: boolean;
}

/** Persons, one a row. All texts of theirs are untrusted, and shown as text. */
export function PersonTable({ label, projectId, zone, persons, receivedAt, properties = [], isCompact = false }: PersonTableProps) {
  const { columns } = t.persons;
  return (
    <ScrollArea type="auto" scrollbarSize={8} offsetScrollbars="x" viewportProps={{ tabIndex: 0, role: "group", "aria-label": label }}>
      <Table className="tm-figures" fz="sm" verticalSpacing="var(--tm-cell)" highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Head>{columns.user}</Head>
            {properties.map((name) => (
              <Head key={name}>{name}</Head>
            ))}
            <Head>{columns.country}</Head>
            <Head>{columns.device}</Head>
            {isCompact ? null : <Head>{columns.firstSeen}</Head>}
            <Head>{columns.lastSeen}</Head>
            <Head isFigure>{columns.events}</Head>
            {isCompact ? null : <Head isFigure>{columns.sessions}</Head>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {persons.map((person) => (
            <Table.Tr key={person.person_id}>
              <Table.Th scope="row" fw={400} miw={190}>
                <PersonLink person={person} projectId={projectId} />
              </Table.Th>
              {properties.map((name) => (
                <Cell key={name}>{propertyText(person.properties[name])}</Cell>
              ))}
              <Cell>{person.country === null ? null : countryName(person.country)}</Cell>
              <Cell>{[person.browser, person.os_name].filter(Boolean).join(", ") || person.device_type}</Cell>
              {isCompact ? null : <TimeCell instant={person.first_seen} zone={zone} now={receivedAt} />}
              <TimeCell instant={person.last_seen} zone={zone} now={receivedAt} />
              <Table.Td ta="right">{exactNumber(person.events)}</Table.Td>
              {isCompact ? null : <Table.Td ta="right">{exactNumber(person.sessions)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

/** The initials and the name of a person, and the way to the person's page. */
function PersonLink({ person, projectId }: { person: PersonSummary; projectId: number }) {
  const name = personName(person);
  const id = person.distinct_ids.find((one) => one !== name);
  return (
    <Link to={projectAddress(projectId, `/people/${person.person_id}`)} className={classes.person}>
      <Avatar size={28} radius="xl" color={person.identified_at === null ? "gray" : "tide"} aria-hidden="true">
        {initials(name)}
      </Avatar>
      <span className={classes.names}>
        <span className={classes.name} title={name}>
          <Name>{name}</Name>
        </span>
        {id === undefined ? null : (
          <Text span size="xs" c="dimmed" className={classes.name} title={id}>
            <Name>{id}</Name>
          </Text>
        )}
      </span>
    </Link>
  );
}

function Head({ isFigure = false, children }: { isFigure?: boolean; children: ReactNode }) {
  return (
    <Table.Th scope="col" ta={isFigure ? "right" : "left"} className={classes.head ?? ""}>
      {children}
    </Table.Th>
  );
}

function Cell({ children }: { children: string | null | undefined }) {
  return (
    <Table.Td className={classes.cell} title={children ?? ""}>
      {children || t.common.none}
    </Table.Td>
  );
}

function TimeCell({ instant, zone, now }: { instant: string | null; zone: string; now: number }) {
  return (
    <Table.Td className={classes.time}>
      {instant === null ? (
        t.persons.never
      ) : (
        <time dateTime={instant} title={exactTime(instant, zone)}>
          {ago(instant, now)}
        </time>
      )}
    </Table.Td>
  );
}

/** A property of any type as text. */
export function propertyText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
