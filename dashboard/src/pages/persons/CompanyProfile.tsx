import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { ApiError } from "../../api/requests/errors";
import { useEventStream } from "../../api/events/events";
import { useGroup, type Group } from "../../api/persons/groups";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { EmptyState } from "../../components/states/EmptyState";
import { Kpi, KpiStrip } from "../../components/figures/Kpi";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { Name } from "../../components/text/Name";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { FigurePersonsList } from "../../features/figures/PersonsDrawer";
import { ReportContent } from "../../components/figures/ReportContent";
import { EventList } from "../../features/eventStream/EventList";
import { groupName } from "../../format/personName";
import { exactTime } from "../../format/time";
import { ReportBar } from "../../report/ReportBar";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { groupCondition } from "./groupAddress";
import { Properties } from "./Properties";

interface CompanyProfileProps {
  project: Project;
  type: string;
  groupKey: string;
}

const texts = t.people.companies;

/** The page of one group: its numbers in the chosen range, users, events and properties. */
export function CompanyProfile({ project, type, groupKey }: CompanyProfileProps) {
  const { range } = useReport();
  const group = useGroup(project.id, { group_type: type, group_key: groupKey, ...range });
  const back = projectAddress(project.id, `/people/companies?${new URLSearchParams({ type }).toString()}`);
  const link = (
    <Anchor component={Link} to={back} size="sm">
      {texts.back}
    </Anchor>
  );
  if (group.error instanceof ApiError && group.error.status === 404)
    return (
      <>
        <PageTitle title={texts.notFound} note={texts.notFoundNote} />
        {link}
      </>
    );
  const name = group.data ? groupName(group.data) : groupKey;
  return (
    <>
      <Text size="sm" mb={6}>
        {link}
      </Text>
      <PageTitle title={name} tab={t.people.tab(name, project.name)} note={texts.ofType(type)} />
      <Stack gap="md">
        <ReportBar project={project} hide={["compare", "interval", "filters"]} />
        <ReportContent result={group} zone={project.timezone} failedTitle={texts.notLoaded} skeleton={<ListSkeleton />}>
          {(shown) => <Figures project={project} group={shown} />}
        </ReportContent>
        {group.data ? <Properties properties={group.data.properties} noneText={texts.noProperties} /> : null}
        <Panel title={texts.usersOf(name)}>
          <FigurePersonsList project={project} figure={usersOf(type, groupKey, range)} />
        </Panel>
        <GroupEvents project={project} type={type} groupKey={groupKey} />
      </Stack>
    </>
  );
}

/** The figure whose persons are those who acted for the group. */
function usersOf(type: string, groupKey: string, range: object) {
  const query = { series: [{ metric: "unique_persons" }], filters: groupCondition(type, groupKey), ...range };
  return { title: texts.usersOf(groupKey), question: { kind: "trends" as const, query } };
}

function Figures({ project, group }: { project: Project; group: Group }) {
  return (
    <Stack gap="md">
      <KpiStrip label={texts.figures}>
        <Kpi label={texts.facts.users} explanation={texts.explanations.users} unit="count" value={group.persons} />
        <Kpi label={texts.facts.events} explanation={texts.explanations.events} unit="count" value={group.events} />
      </KpiStrip>
      <Panel title={texts.about}>
        <DefinitionList
          isCompact
          items={[
            [texts.facts.key, <Name key="key">{group.group_key}</Name>],
            [texts.facts.created, exactTime(group.created_at, project.timezone)],
            [texts.facts.lastSeen, group.last_seen === null ? texts.notInRange : exactTime(group.last_seen, project.timezone)],
          ]}
        />
      </Panel>
    </Stack>
  );
}

function GroupEvents({ project, type, groupKey }: CompanyProfileProps) {
  const { range } = useReport();
  const stream = useEventStream(project.id, { ...range, filters: JSON.stringify(groupCondition(type, groupKey)) });
  return (
    <Panel title={t.events.stream}>
      <ReportContent result={stream} zone={project.timezone} failedTitle={t.events.streamNotLoaded} skeleton={<ListSkeleton />}>
        {({ pages }) => {
          const events = pages.flatMap(({ items }) => items);
          return events.length === 0 ? (
            <EmptyState title={texts.noEvents} />
          ) : (
            <>
              <EventList events={events} receivedAt={stream.dataUpdatedAt} zone={project.timezone} />
              <LoadMoreButton label={t.events.older} list={stream} />
            </>
          );
        }}
      </ReportContent>
    </Panel>
  );
}
