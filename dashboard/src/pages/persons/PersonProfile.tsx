import { Anchor, Avatar, Badge, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { ApiError } from "../../api/requests/errors";
import { usePerson, type Person } from "../../api/persons/persons";
import { isAtLeast } from "../../api/projects/roles";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { FailedState } from "../../notices/FailedState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { Name } from "../../components/text/Name";
import { NotFound } from "../../components/states/NotFound";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { SectionTabs } from "../../components/page/SectionTabs";
import { exactNumber } from "../../format/numbers";
import { initials, personName } from "../../format/personName";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import { ActivityStrip } from "./ActivityStrip";
import { cohortMembersAddress } from "./cohortMembersAddress";
import { PersonActions } from "./PersonActions";
import { Properties } from "./Properties";
import { SessionTable } from "./SessionTable";
import { Timeline } from "./Timeline";

interface PersonProfileProps {
  project: Project;
  personId: number;
  /** The part of the profile in the address; empty: the timeline. */
  tab: string;
}

/** The page of one user. All texts of theirs are untrusted, and shown as text. */
export function PersonProfile({ project, personId, tab }: PersonProfileProps) {
  const person = usePerson(project.id, personId);
  const base = projectAddress(project.id, "/people");
  const texts = t.people.profile;
  if (person.error instanceof ApiError && person.error.status === 404)
    return (
      <>
        <PageTitle title={texts.notFound} note={texts.notFoundNote} />
        <Anchor component={Link} to={base} size="sm">
          {texts.back}
        </Anchor>
      </>
    );
  if (person.error && !person.data) return <FailedState error={person.error} retry={() => void person.refetch()} />;
  if (!person.data) return <ListSkeleton />;
  const contents: Record<string, ReactNode> = {
    "": <Timeline project={project} personId={personId} />,
    sessions: <SessionTable project={project} query={{ person_id: personId, days: 3_700 }} isOfOnePerson />,
    properties: <Properties properties={person.data.properties} />,
  };
  if (!Object.hasOwn(contents, tab)) return <NotFound />;
  const name = personName(person.data);
  return (
    <>
      <Text size="sm" mb={6}>
        <Anchor component={Link} to={base}>
          {texts.back}
        </Anchor>
      </Text>
      <PageTitle
        title={name}
        tab={t.people.tab(name, project.name)}
        actions={isAtLeast(project.role, "admin") ? <PersonActions project={project} personId={personId} name={name} /> : null}
      />
      <Stack gap="md">
        <Header person={person.data} project={project} />
        <ActivityStrip project={project} personId={personId} />
        <div>
          <SectionTabs
            label={texts.sections}
            base={`${base}/${personId}`}
            current={tab}
            sections={[
              { path: "", label: texts.tabs.timeline },
              { path: "sessions", label: texts.tabs.sessions },
              { path: "properties", label: texts.tabs.properties },
            ]}
          />
          {contents[tab]}
        </div>
      </Stack>
    </>
  );
}

function Header({ person, project }: { person: Person; project: Project }) {
  const { about, facts, identified, anonymous, noCohorts } = t.people.profile;
  const time = (instant: string | null) => (instant === null ? t.persons.never : exactTime(instant, project.timezone));
  const name = personName(person);
  return (
    <Panel
      title={about}
      actions={
        <Badge tt="none" variant={person.identified_at === null ? "default" : "light"}>
          {person.identified_at === null ? anonymous : identified}
        </Badge>
      }
    >
      <Group align="flex-start" wrap="nowrap" gap="lg">
        <Avatar size={56} radius="xl" color={person.identified_at === null ? "gray" : "tide"} aria-hidden="true" visibleFrom="xs">
          {initials(name)}
        </Avatar>
        <div style={{ flex: 1, minWidth: 0 }}>
          <DefinitionList
            isCompact
            items={[
              [facts.ids, <Name key="ids">{person.distinct_ids.join(", ")}</Name>],
              [facts.firstSeen, time(person.first_seen)],
              [facts.lastSeen, time(person.last_seen)],
              [facts.events, exactNumber(person.events)],
              [facts.sessions, exactNumber(person.sessions)],
              [
                facts.cohorts,
                person.cohorts.length === 0 ? noCohorts : (
                  <Group gap={6} key="cohorts">
                    {person.cohorts.map((cohort) => (
                      <Anchor key={cohort.id} component={Link} to={cohortMembersAddress(project.id, cohort.id)} size="xs">
                        {cohort.name}
                      </Anchor>
                    ))}
                  </Group>
                ),
              ],
            ]}
          />
        </div>
      </Group>
    </Panel>
  );
}

