import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { ProjectSealing } from "../../api/requests/client";
import { useSealing } from "../../api/operations/sealing";
import { EmptyState } from "../../components/states/EmptyState";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { FailedState } from "../../notices/FailedState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Panel } from "../../components/page/Panel";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { SearchField, useSearch } from "../../components/forms/SearchField";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";

const texts = t.admin.projects;
const PAGES = { home: "", events: "/events", sessions: "/people/sessions", users: "/people", flags: "/flags", health: "/health", settings: "/settings" } as const;

/** Every project of the server, with the pages of its data. */
export function ProjectsSection() {
  const [search] = useSearch();
  const list = useSealing({ state: "all", search });
  const items = list.data?.pages.flatMap((page) => page.items);
  return (
    <Panel title={texts.title}>
      <Text size="sm" c="dimmed" mb="sm">
        {texts.note}
      </Text>
      <Group mb="md">
        <SearchField size="xs" label={texts.search} placeholder={texts.searchPlaceholder} />
      </Group>
      {items === undefined ? (
        list.error ? <FailedState error={list.error} retry={() => void list.refetch()} /> : <ListSkeleton />
      ) : (
        <>
          {list.error ? <ErrorAlert title={t.errors.outdatedList} error={list.error} retry={() => void list.refetch()} /> : null}
          {items.length === 0 ? <EmptyState title={search === "" ? texts.empty : texts.noMatch} /> : null}
          <ResourceList label={texts.title} list={{ data: items, error: null, refetch: list.refetch }} empty="">
            {(project) => <ProjectItem key={project.project_id} project={project} />}
          </ResourceList>
          <Text size="xs" c="dimmed" mt="xs">
            {texts.count(items.length, exactNumber(list.data?.pages[0]?.total ?? 0))}
          </Text>
          <LoadMoreButton label={texts.showMore} list={list} />
        </>
      )}
    </Panel>
  );
}

function ProjectItem({ project: { project_id: id, project: name, timezone } }: { project: ProjectSealing }) {
  return (
    <ResourceListItem
      name={<span dir="auto">{name}</span>}
      note={texts.about(id, timezone)}
      actions={
        <Group gap="sm">
          {Object.entries(PAGES).map(([page, path]) => (
            <Anchor key={page} component={Link} to={projectAddress(id, path)} fz="sm" aria-label={texts.pageOf(texts.pages[page as keyof typeof PAGES], name)}>
              {texts.pages[page as keyof typeof PAGES]}
            </Anchor>
          ))}
        </Group>
      }
    />
  );
}
