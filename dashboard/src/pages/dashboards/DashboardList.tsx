import { Anchor, Badge, Button, Group, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { Link, useNavigate } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useCreateDashboard, useDashboards } from "../../api/insights/dashboards";
import { isAtLeast } from "../../api/projects/roles";
import { EmptyState } from "../../components/states/EmptyState";
import { FormDialog } from "../../components/forms/FormDialog";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { dayName } from "../../format/time";
import { t } from "../../texts";

const TemplateDialog = lazy(() => import("./TemplateDialog"));

/** The dashboards of a project. */
export function DashboardList({ project }: { project: Project }) {
  const dashboards = useDashboards(project.id);
  const create = isAtLeast(project.role, "member") ? (
    <Group gap="xs">
      <StartFromTemplate project={project} />
      <CreateDashboard project={project} />
    </Group>
  ) : null;
  return (
    <>
      <PageTitle title={t.dashboards.title} note={t.dashboards.note} actions={create} />
      <Panel title={t.dashboards.list}>
        <ResourceList
          label={t.dashboards.list}
          list={dashboards}
          empty={<EmptyState title={t.dashboards.emptyTitle} note={t.dashboards.emptyNote} />}
        >
          {(one) => (
            <ResourceListItem
              key={one.id}
              name={
                <Anchor component={Link} to={projectAddress(project.id, `/dashboards/${String(one.id)}`)} inherit>
                  {one.name}
                </Anchor>
              }
              badges={one.is_shared ? <Badge variant="light">{t.dashboards.shared}</Badge> : null}
              note={
                <Group gap="xs">
                  <Text size="sm" c="dimmed">
                    {t.dashboards.tiles(one.tiles.items.length)} · {t.dashboards.changed(dayName(one.updated_at, project.timezone))}
                  </Text>
                  {one.description ? (
                    <Text size="sm" c="dimmed" lineClamp={1}>
                      {one.description}
                    </Text>
                  ) : null}
                </Group>
              }
            />
          )}
        </ResourceList>
      </Panel>
    </>
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
