import { Avatar, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { PersonSummary } from "../../api/reports/figures";
import { countryName } from "../../format/country";
import { exactNumber } from "../../format/numbers";
import { initials, personName } from "../../format/personName";
import { ago, exactTime } from "../../format/time";
import { t } from "../../texts";
import { Cell, ColumnHeading, HeadingRow, Row, RowHeading, Rows, StackedTable } from "../tables/StackedTable";
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
    <StackedTable label={label} hasPairs className="tm-figures" fz="sm" highlightOnHover aria-label={label}>
      <HeadingRow>
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
      </HeadingRow>
      <Rows>
        {persons.map((person) => (
          <Row key={person.person_id}>
            <RowHeading miw={190}>
              <PersonLink person={person} projectId={projectId} />
            </RowHeading>
            {properties.map((name) => (
              <TextCell key={name} label={name} text={propertyText(person.properties[name])} />
            ))}
            <TextCell label={columns.country} text={person.country === null ? null : countryName(person.country)} />
            <TextCell label={columns.device} text={[person.browser, person.os_name].filter(Boolean).join(", ") || person.device_type} />
            {isCompact ? null : <TimeCell label={columns.firstSeen} instant={person.first_seen} zone={zone} now={receivedAt} />}
            <TimeCell label={columns.lastSeen} instant={person.last_seen} zone={zone} now={receivedAt} />
            <Cell label={columns.events} ta="right">
              {exactNumber(person.events)}
            </Cell>
            {isCompact ? null : (
              <Cell label={columns.sessions} ta="right">
                {exactNumber(person.sessions)}
              </Cell>
            )}
          </Row>
        ))}
      </Rows>
    </StackedTable>
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
    <ColumnHeading ta={isFigure ? "right" : "left"} className={classes.head ?? ""}>
      {children}
    </ColumnHeading>
  );
}

function TextCell({ label, text }: { label: string; text: string | null | undefined }) {
  return (
    <Cell label={label} className={classes.cell ?? ""} title={text ?? ""}>
      {text || t.common.none}
    </Cell>
  );
}

function TimeCell({ label, instant, zone, now }: { label: string; instant: string | null; zone: string; now: number }) {
  return (
    <Cell label={label} className={classes.time ?? ""}>
      {instant === null ? (
        t.persons.never
      ) : (
        <time dateTime={instant} title={exactTime(instant, zone)}>
          {ago(instant, now)}
        </time>
      )}
    </Cell>
  );
}

/** A property of any type as text. */
export function propertyText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
