import { Anchor, Badge, Button, Group, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { Link, useNavigate } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useCreateDashboard, useDashboards, type Dashboard } from "../../api/insights/dashboards";
import { isAtLeast } from "../../api/projects/roles";
import { EmptyState } from "../../components/states/EmptyState";
import { FavouriteButton } from "../../components/forms/FavouriteButton";
import { FormDialog } from "../../components/forms/FormDialog";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { SearchField, useSearch } from "../../components/forms/SearchField";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { useOwners } from "../../features/useOwners";
import { dayName } from "../../format/time";
import { t } from "../../texts";
import { orderDashboards, useOwnDashboards } from "./ownDashboards";

const TemplateDialog = lazy(() => import("./TemplateDialog"));

/** The dashboards of a project: to search and open, and to mark as favourites. */
export function DashboardList({ project }: { project: Project }) {
  const dashboards = useDashboards(project.id);
  const owners = useOwners(project.id);
  const { own, mark } = useOwnDashboards(project.id);
  const [search, setSearch] = useSearch();
  const listed = dashboards.data && orderDashboards(dashboards.data, own);
  const shown = listed?.filter(({ name, description, created_by }) =>
    `${name} ${description} ${owners(created_by)}`.toLocaleLowerCase().includes(search.toLocaleLowerCase()),
  );
  const isFiltered = listed !== undefined && listed.length > 0;
  const create = isAtLeast(project.role, "member") ? (
    <Group gap="xs">
      <StartFromTemplate project={project} />
      <CreateDashboard project={project} />
    </Group>
  ) : null;
  return (
    <>
      <PageTitle title={t.dashboards.title} note={t.dashboards.note} actions={create} />
      <Panel
        title={t.dashboards.list}
        actions={
          isFiltered ? (
            <Group w={280}>
              <SearchField size="xs" label={t.dashboards.searchDashboards} placeholder={t.dashboards.searchDashboards} />
            </Group>
          ) : null
        }
      >
        <ResourceList
          label={t.dashboards.list}
          list={{ data: shown, error: dashboards.error, refetch: dashboards.refetch }}
          empty={
            isFiltered ? (
              <EmptyState
                isFiltered
                title={t.dashboards.noMatch(search)}
                action={
                  <Button size="xs" variant="default" onClick={() => { setSearch(""); }}>
                    {t.dashboards.clearSearch}
                  </Button>
                }
              />
            ) : (
              <EmptyState title={t.dashboards.emptyTitle} note={t.dashboards.emptyNote} />
            )
          }
        >
          {(one) => (
            <DashboardItem
              key={one.id}
              project={project}
              dashboard={one}
              owner={owners(one.created_by)}
              viewed={own.viewed[one.id]}
              isFavourite={own.favourites.includes(one.id)}
              onMark={(isFavourite) => {
                mark(one.id, isFavourite);
              }}
            />
          )}
        </ResourceList>
      </Panel>
    </>
  );
}

interface DashboardItemProps {
  project: Project;
  dashboard: Dashboard;
  owner: string;
  /** An ISO instant; undefined: not in this browser. */
  viewed: string | undefined;
  isFavourite: boolean;
  onMark: (isFavourite: boolean) => void;
}

function DashboardItem({ project, dashboard, owner, viewed, isFavourite, onMark }: DashboardItemProps) {
  const { id, name, description, tiles, updated_at: changed, is_shared: isShared } = dashboard;
  const facts = [
    t.dashboards.tiles(tiles.items.length),
    t.dashboards.by(owner),
    t.dashboards.changed(dayName(changed, project.timezone)),
    ...(viewed === undefined ? [] : [t.dashboards.viewed(dayName(viewed, project.timezone))]),
  ];
  return (
    <ResourceListItem
      name={
        <Group component="span" gap={6} wrap="nowrap">
          <FavouriteButton name={name} isFavourite={isFavourite} onChange={onMark} />
          <Anchor component={Link} to={projectAddress(project.id, `/dashboards/${String(id)}`)} inherit>
            {name}
          </Anchor>
        </Group>
      }
      badges={isShared ? <Badge variant="light">{t.dashboards.shared}</Badge> : null}
      note={
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {facts.join(" · ")}
          </Text>
          {description ? (
            <Text size="sm" c="dimmed" lineClamp={1}>
              {description}
            </Text>
          ) : null}
        </Group>
      }
    />
  );
}

function StartFromTemplate({ project }: { project: Project }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" onClick={open}>
        {t.dashboards.fromTemplate}
      </Button>
      <Suspense>{opened ? <TemplateDialog project={project} onClose={close} /> : null}</Suspense>
    </>
  );
}

function CreateDashboard({ project }: { project: Project }) {
  const create = useCreateDashboard(project.id);
  const navigate = useNavigate();
  const dialog = useFormDialog({ name: "", description: "" }, create);
  const { name, description } = dialog.values;
  return (
    <>
      <Button onClick={dialog.open}>{t.dashboards.create}</Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={t.dashboards.create}
        mutation={create}
        submitLabel={t.dashboards.created}
        isReady={name.trim() !== ""}
        onSubmit={() => {
          create.mutate(
            { name: name.trim(), description },
            {
              onSuccess: ({ id }) => {
                void navigate(projectAddress(project.id, `/dashboards/${String(id)}`));
              },
            },
          );
        }}
      >
        <DetailFields name={name} description={description} set={dialog.set} />
      </FormDialog>
    </>
  );
}

interface DetailFieldsProps {
  name: string;
  description: string;
  set: (field: "name" | "description", value: string) => void;
}

/** The fields of a dashboard's name and description. */
export function DetailFields({ name, description, set }: DetailFieldsProps) {
  return (
    <>
      <TextInput
        label={t.dashboards.name}
        value={name}
        maxLength={200}
        required
        data-autofocus
        onChange={(event) => {
          set("name", event.currentTarget.value);
        }}
      />
      <TextInput
        label={t.dashboards.description}
        value={description}
        maxLength={2_000}
        onChange={(event) => {
          set("description", event.currentTarget.value);
        }}
      />
    </>
  );
}
