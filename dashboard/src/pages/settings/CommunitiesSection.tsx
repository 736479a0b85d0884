import { Badge, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Project } from "../../api/requests/client";
import {
  useCommunities,
  useDeleteCommunity,
  useDeleteDivision,
  useDivisions,
  type Community,
  type Division,
} from "../../api/reports/divisions";
import { isAtLeast, missingPermission } from "../../api/projects/roles";
import type { MutationState } from "../../api/cache/useApiMutation";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Panel } from "../../components/page/Panel";
import { PermissionNote } from "../../components/states/PermissionNote";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { t } from "../../texts";
import { AddCommunity, EditCommunity } from "./EditCommunity";
import { AddDivision, EditDivision } from "./EditDivision";

const texts = t.communitySettings;

/** The divisions and communities that a project counts visitors by. */
export function CommunitiesSection({ project }: { project: Project }) {
  const divisions = useDivisions(project.id);
  const communities = useCommunities(project.id);
  const mayChange = isAtLeast(project.role, "member");
  const known = divisions.data?.pages.flatMap(({ items }) => items);
  const ids = known?.map(({ id }) => id) ?? [];
  return (
    <>
      <ListPanel
        title={texts.divisions}
        note={texts.divisionsNote}
        empty={texts.noDivisions}
        project={project}
        list={divisions}
        items={known}
        add={<AddDivision projectId={project.id} ids={ids} />}
      >
        {(division) => <DivisionItem key={division.id} projectId={project.id} division={division} ids={ids} mayChange={mayChange} />}
      </ListPanel>
      <ListPanel
        title={texts.communities}
        note={texts.communitiesNote}
        empty={texts.noCommunities}
        project={project}
        list={communities}
        items={communities.data?.pages.flatMap(({ items }) => items)}
        add={<AddCommunity projectId={project.id} divisionIds={ids} />}
      >
        {(community) => <CommunityItem key={community.id} projectId={project.id} community={community} divisionIds={ids} mayChange={mayChange} />}
      </ListPanel>
    </>
  );
}

interface ListPanelProps<Item> {
  title: string;
  note: string;
  empty: string;
  project: Project;
  list: { error: Error | null; refetch: () => unknown; hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  items: readonly Item[] | undefined;
  add: ReactNode;
  children: (item: Item) => ReactNode;
}

function ListPanel<Item>({ title, note, empty, project, list, items, add, children }: ListPanelProps<Item>) {
  const readOnlyReason = missingPermission(project.role, "member");
  return (
    <Panel title={title} actions={readOnlyReason === null ? add : null}>
      <Text size="sm" c="dimmed" mb="md">
        {note}
      </Text>
      <ResourceList label={title} list={{ data: items, error: list.error, refetch: list.refetch }} empty={empty}>
        {children}
      </ResourceList>
      <LoadMoreButton label={texts.showMore} list={list} />
      {readOnlyReason === null ? null : <PermissionNote reason={readOnlyReason} />}
    </Panel>
  );
}

interface DivisionItemProps {
  projectId: number;
  division: Division;
  ids: readonly string[];
  mayChange: boolean;
}

function DivisionItem({ projectId, division, ids, mayChange }: DivisionItemProps) {
  const { id, name, kind, parent_id: parent, country, region } = division;
  const remove = useDeleteDivision(projectId, id);
  return (
    <ResourceListItem
      name={name}
      badges={kind === "" ? null : <Kind>{kind}</Kind>}
      note={[id, country, region, parent === null ? null : texts.inside(parent)].filter(Boolean).join(" · ")}
      actions={
        mayChange ? (
          <>
            <EditDivision projectId={projectId} division={division} ids={ids} />
            <DeleteButton name={name} mutation={remove} />
          </>
        ) : null
      }
    />
  );
}

interface CommunityItemProps {
  projectId: number;
  community: Community;
  divisionIds: readonly string[];
  mayChange: boolean;
}

function CommunityItem({ projectId, community, divisionIds, mayChange }: CommunityItemProps) {
  const { id, name, slug, division_id: division } = community;
  const remove = useDeleteCommunity(projectId, id);
  return (
    <ResourceListItem
      name={name}
      note={[id, slug, division === null ? null : texts.inside(division)].filter(Boolean).join(" · ")}
      actions={
        mayChange ? (
          <>
            <EditCommunity projectId={projectId} community={community} divisionIds={divisionIds} />
            <DeleteButton name={name} mutation={remove} />
          </>
        ) : null
      }
    />
  );
}

function Kind({ children }: { children: string }) {
  return (
    <Badge size="sm" variant="default" tt="none">
      {children}
    </Badge>
  );
}

interface DeleteButtonProps {
  name: string;
  mutation: MutationState & { reset: () => void; mutate: (nothing: undefined, options: { onSuccess: () => void }) => void };
}

function DeleteButton({ name, mutation }: DeleteButtonProps) {
  return (
    <ConfirmButton
      label={t.common.delete}
      ariaLabel={texts.deleteOf(name)}
      title={texts.deleteTitle(name)}
      action={t.common.delete}
      mutation={mutation}
      onConfirm={(onDone) => {
        mutation.mutate(undefined, { onSuccess: onDone });
      }}
    >
      {texts.deleteEffect}
    </ConfirmButton>
  );
}
