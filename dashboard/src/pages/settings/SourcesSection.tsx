import { Badge, Text } from "@mantine/core";
import type { Project, ProjectSettings, Source } from "../../api/client";
import { fieldError } from "../../api/errors";
import { isAtLeast, missingPermission } from "../../api/roles";
import { useDeleteSource, useSources } from "../../api/sources";
import { ConfirmButton } from "../../components/ConfirmButton";
import { FormPanel } from "../../components/FormPanel";
import { ListField } from "../../components/ListField";
import { PermissionNote } from "../../components/PermissionNote";
import { percentOf } from "../../components/NumberField";
import { Panel } from "../../components/Panel";
import { ResourceList, ResourceListItem } from "../../components/ResourceList";
import { LoadedSettings } from "./LoadedSettings";
import { EditSource, SourceSwitch } from "./EditSource";
import { useSettingsForm } from "./useSettingsForm";

/** Which sources may send, and what is decided about single ones. */
export function SourcesSection({ project }: { project: Project }) {
  const sources = useSources(project.id);
  const locked = missingPermission(project.role, "admin");
  return (
    <>
      <Panel title="Sources" actions={locked === null ? <EditSource projectId={project.id} /> : null}>
        <Text size="sm" c="dimmed" mb="md">
          An event may name the app, game or site that sent it as its source. Here you decide about single ones; a source
          that is not in this list is simply taken.
        </Text>
        <ResourceList label="Sources" list={sources} empty="Nothing was decided about any source yet.">
          {(source) => <SourceRow key={source.id} source={source} project={project} />}
        </ResourceList>
        {locked === null ? null : <PermissionNote reason={locked} />}
      </Panel>
      <LoadedSettings projectId={project.id}>
        {(settings) => <AllowedSources project={project} settings={settings} />}
      </LoadedSettings>
    </>
  );
}

function SourceRow({ source, project }: { source: Source; project: Project }) {
  const mayChange = isAtLeast(project.role, "admin");
  return (
    <ResourceListItem
      name={source.name}
      marks={
        <>
          {mayChange ? null : (
            <Badge size="sm" variant="light" color={source.is_active ? "tide" : "coral"}>
              {source.is_active ? "On" : "Off"}
            </Badge>
          )}
          {source.sample_rate < 1 ? (
            <Badge size="sm" variant="default">
              {percentOf(source.sample_rate)}% of persons
            </Badge>
          ) : null}
        </>
      }
      note={source.description}
      actions={
        mayChange ? (
          <>
            <SourceSwitch projectId={project.id} source={source} />
            <EditSource projectId={project.id} source={source} />
            <DeleteSource projectId={project.id} source={source} />
          </>
        ) : null
      }
    />
  );
}

function DeleteSource({ projectId, source }: { projectId: number; source: Source }) {
  const remove = useDeleteSource(projectId, source.id);
  return (
    <ConfirmButton
      label="Remove"
      ariaLabel={`Remove ${source.name}`}
      title={`Remove ${source.name} from the list?`}
      action="Remove it"
      keep="Keep it"
      change={remove}
      onConfirm={(done) => {
        remove.mutate(undefined, { onSuccess: done });
      }}
    >
      Its events stay. From then on it is treated like any source that nothing was decided about.
    </ConfirmButton>
  );
}

function AllowedSources({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, ["allowed_sources"]);
  return (
    <FormPanel
      title="Only these sources"
      note="Where this list is not empty, events of any other source are refused."
      locked={missingPermission(project.role, "admin")}
      {...form.panel}
    >
      <ListField
        label="Allowed sources"
        placeholder="All are taken"
        entry="source"
        value={form.values.allowed_sources}
        error={fieldError(form.error, "allowed_sources")}
        onChange={(sources) => {
          form.set("allowed_sources", sources);
        }}
      />
    </FormPanel>
  );
}
