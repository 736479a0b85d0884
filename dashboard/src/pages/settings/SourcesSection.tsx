import { Badge, Text } from "@mantine/core";
import type { Project, ProjectSettings, Source } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { isAtLeast, missingPermission } from "../../api/projects/roles";
import { useDeleteSource, useSources } from "../../api/projects/sources";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { FormPanel } from "../../components/forms/FormPanel";
import { ListField } from "../../components/forms/ListField";
import { percentOf } from "../../components/forms/NumberField";
import { Panel } from "../../components/page/Panel";
import { PermissionNote } from "../../components/states/PermissionNote";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { t } from "../../texts";
import { AddSource, EditSource, SourceSwitch } from "./EditSource";
import { LoadedSettings } from "./LoadedSettings";
import { useSettingsForm } from "./useSettingsForm";

/** The rules of single sources, and the list of allowed ones. */
export function SourcesSection({ project }: { project: Project }) {
  const sources = useSources(project.id);
  const readOnlyReason = missingPermission(project.role, "admin");
  return (
    <>
      <Panel title={t.settings.sources.title} actions={readOnlyReason === null ? <AddSource projectId={project.id} /> : null}>
        <Text size="sm" c="dimmed" mb="md">
          {t.settings.sources.note}
        </Text>
        <ResourceList label={t.settings.sources.title} list={sources} empty={t.settings.sources.empty}>
          {(source) => <SourceItem key={source.id} source={source} project={project} />}
        </ResourceList>
        {readOnlyReason === null ? null : <PermissionNote reason={readOnlyReason} />}
      </Panel>
      <LoadedSettings projectId={project.id}>
        {(settings) => <AllowedSources project={project} settings={settings} />}
      </LoadedSettings>
    </>
  );
}

function SourceItem({ source, project }: { source: Source; project: Project }) {
  const mayChange = isAtLeast(project.role, "admin");
  return (
    <ResourceListItem
      name={source.name}
      badges={
        <>
          {mayChange ? null : (
            <Badge size="sm" variant="light" color={source.is_active ? "tide" : "coral"}>
              {source.is_active ? t.common.on : t.common.off}
            </Badge>
          )}
          {source.sample_rate < 1 ? (
            <Badge size="sm" variant="default">
              {t.settings.sources.storedShare(percentOf(source.sample_rate))}
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

function DeleteSource({ projectId, source: { id, name } }: { projectId: number; source: Source }) {
  const remove = useDeleteSource(projectId, id);
  const texts = t.settings.sources;
  return (
    <ConfirmButton
      label={t.common.remove}
      ariaLabel={texts.removeOf(name)}
      title={texts.removeTitle(name)}
      action={texts.removeAction}
      cancelLabel={texts.keep}
      mutation={remove}
      onConfirm={(onDone) => {
        remove.mutate(undefined, { onSuccess: onDone });
      }}
    >
      {texts.removeEffect}
    </ConfirmButton>
  );
}

function AllowedSources({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, ["allowed_sources"]);
  const texts = t.settings.sources;
  return (
    <FormPanel
      title={texts.allowedTitle}
      note={texts.allowedNote}
      readOnlyReason={missingPermission(project.role, "admin")}
      {...form.panel}
    >
      <ListField
        label={texts.allowed}
        placeholder={texts.allAllowed}
        entry={texts.entry}
        value={form.values.allowed_sources}
        error={fieldError(form.error, "allowed_sources")}
        onChange={(sources) => {
          form.set("allowed_sources", sources);
        }}
      />
    </FormPanel>
  );
}
