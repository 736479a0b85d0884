import { Anchor, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { Fragment, type ReactNode } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useSessionEvents, useSessions, type SessionSummary } from "../../api/persons/persons";
import { useShownResult } from "../../api/cache/useShownResult";
import { EmptyState } from "../../components/states/EmptyState";
import { FailedState } from "../../notices/FailedState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Cell, ColumnHeading, HeadingRow, Row, RowHeading, Rows, StackedTable } from "../../components/tables/StackedTable";
import { Name } from "../../components/text/Name";
import { Panel } from "../../components/page/Panel";
import { useAddressState } from "../../components/page/useAddressState";
import { countryName } from "../../format/country";
import { duration } from "../../format/duration";
import { exactNumber, sharePercent } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import classes from "./SessionTable.module.css";
import { Events } from "./Timeline";

interface SessionTableProps {
  project: Project;
  query: Parameters<typeof useSessions>[1];
  /** Of one person: without the column that names the person. */
  isOfOnePerson?: boolean;
}

/** Sessions, newest first; each opens to show its events. */
export function SessionTable({ project, query, isOfOnePerson = false }: SessionTableProps) {
  const list = useSessions(project.id, query);
  const { shown, isOutdated } = useShownResult(list);
  const [openId, setOpenId] = useAddressState("session");
  const texts = t.people.sessions;
  if (list.error && !shown) return <FailedState error={list.error} retry={() => void list.refetch()} />;
  if (!shown) return <ListSkeleton />;
  const [first] = shown.pages;
  const sessions = shown.pages.flatMap(({ items }) => items);
  if (!first || sessions.length === 0) return <EmptyState title={texts.none} isFiltered={!isOfOnePerson} />;
  const { columns } = texts;
  const heads = [...(isOfOnePerson ? [] : [columns.user]), columns.started, columns.path, columns.duration, columns.events, columns.country, columns.device, columns.source];
  return (
    <Panel title={texts.summary(first.total_sessions, first.unique_users)} actions={<Figures list={first} />}>
      <div data-outdated={isOutdated} aria-busy={isOutdated}>
        <StackedTable label={texts.list} className="tm-figures" fz="sm" aria-label={texts.list}>
          <HeadingRow>
            {heads.map((head) => (
              <ColumnHeading key={head} className={classes.head ?? ""}>
                {head}
              </ColumnHeading>
            ))}
          </HeadingRow>
          <Rows>
            {sessions.map((session) => (
              <Fragment key={session.session_id}>
                <SessionRow
                  session={session}
                  project={project}
                  isOfOnePerson={isOfOnePerson}
                  isOpen={openId === session.session_id}
                  onToggle={() => {
                    setOpenId(openId === session.session_id ? "" : session.session_id);
                  }}
                />
                {openId === session.session_id ? (
                  <Row>
                    <Cell colSpan={heads.length}>
                      <SessionEvents project={project} sessionId={session.session_id} />
                    </Cell>
                  </Row>
                ) : null}
              </Fragment>
            ))}
          </Rows>
        </StackedTable>
        <LoadMoreButton label={texts.more} list={list} />
      </div>
    </Panel>
  );
}

interface SessionRowProps {
  session: SessionSummary;
  project: Project;
  isOfOnePerson: boolean;
  isOpen: boolean;
  onToggle: () => void;
}

function SessionRow({ session, project, isOfOnePerson, isOpen, onToggle }: SessionRowProps) {
  const texts = t.people.sessions;
  const { columns } = texts;
  const started = exactTime(session.started_at, project.timezone);
  const [entry, exit] = [session.entry_page || texts.noPage, session.exit_page || texts.noPage];
  return (
    <Row>
      {isOfOnePerson ? null : (
        <ShortCell label={columns.user}>
          <Anchor component={Link} to={projectAddress(project.id, `/people/${session.person_id}`)} size="sm" className={classes.user ?? ""}>
            <Name>{session.distinct_id ?? texts.user(session.person_id)}</Name>
          </Anchor>
        </ShortCell>
      )}
      <RowHeading>
        <UnstyledButton className={classes.toggle} aria-expanded={isOpen} aria-label={texts.open(started)} onClick={onToggle}>
          <IconChevronRight size={14} className={classes.chevron} aria-hidden="true" />
          {started}
        </UnstyledButton>
      </RowHeading>
      <ShortCell label={columns.path} title={texts.path(entry, exit)}>
        {entry === exit ? entry : texts.path(entry, exit)}
      </ShortCell>
      <Cell label={columns.duration} className={classes.figure ?? ""}>
        {duration(session.duration_seconds)}
      </Cell>
      <Cell label={columns.events} className={classes.figure ?? ""}>
        {exactNumber(session.events)}
      </Cell>
      <ShortCell label={columns.country}>{session.country === null ? t.common.none : countryName(session.country)}</ShortCell>
      <ShortCell label={columns.device}>
        {[session.browser, session.os_name].filter(Boolean).join(", ") || session.device_type || t.common.none}
      </ShortCell>
      <ShortCell label={columns.source}>{session.utm_source ?? session.referrer ?? t.common.none}</ShortCell>
    </Row>
  );
}

/** Cut where there is no room for the whole. */
function ShortCell({ label, title, children }: { label: string; title?: string; children: ReactNode }) {
  return (
    <Cell label={label} className={classes.cell ?? ""} title={title ?? (typeof children === "string" ? children : undefined)}>
      {children}
    </Cell>
  );
}

/** The metrics of all sessions of the list, not only of the loaded ones. */
function Figures({ list }: { list: { average_seconds: number | null; median_seconds: number | null; bounce_rate: number | null } }) {
  const { kpis } = t.people.sessions;
  const parts = [
    ...(list.average_seconds === null ? [] : [`${kpis.average} ${duration(list.average_seconds)}`]),
    ...(list.median_seconds === null ? [] : [`${kpis.median} ${duration(list.median_seconds)}`]),
    ...(list.bounce_rate === null ? [] : [`${kpis.bounce} ${sharePercent(list.bounce_rate)}`]),
  ];
  return (
    <Text size="xs" c="dimmed">
      {parts.join(" · ")}
    </Text>
  );
}

function SessionEvents({ project, sessionId }: { project: Project; sessionId: string }) {
  const events = useSessionEvents(project.id, sessionId);
  if (events.error) return <FailedState error={events.error} retry={() => void events.refetch()} />;
  if (!events.data) return <ListSkeleton />;
  return (
    <div className={classes.events}>
      <Events events={events.data.items} zone={project.timezone} now={events.dataUpdatedAt} />
      {events.data.next_cursor === null ? null : (
        <Text size="xs" c="dimmed" mt={6}>
          {t.people.sessions.truncated}
        </Text>
      )}
    </div>
  );
}
