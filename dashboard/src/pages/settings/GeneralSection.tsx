import { Select, Switch, TextInput } from "@mantine/core";
import type { Project, ProjectSettings } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { useChangeProject } from "../../api/projects/projects";
import { missingPermission } from "../../api/projects/roles";
import { FormPanel } from "../../components/forms/FormPanel";
import { NumberField } from "../../components/forms/NumberField";
import { Panel } from "../../components/page/Panel";
import { useDraft } from "../../components/forms/useDraft";
import { zoneChoices } from "../../format/timeZones";
import { t } from "../../texts";
import { LoadedSettings } from "./LoadedSettings";
import { ProjectDetails } from "./ProjectDetails";
import { useSettingsForm } from "./useSettingsForm";

/** The name and time zone of a project, and whether it collects events. */
export function GeneralSection({ project }: { project: Project }) {
  return (
    <>
      <ProjectForm project={project} />
      <LoadedSettings projectId={project.id}>
        {(settings) => (
          <>
            <SessionForm project={project} settings={settings} />
            <FlagForm project={project} settings={settings} />
          </>
        )}
      </LoadedSettings>
      <Panel title={t.settings.about}>
        <ProjectDetails project={project} />
      </Panel>
    </>
  );
}

function ProjectForm({ project }: { project: Project }) {
  const draft = useDraft({ name: project.name, timezone: project.timezone, is_active: project.is_active }, `project ${project.id}`);
  const change = useChangeProject(project.id);
  return (
    <FormPanel
      title={t.settings.project}
      readOnlyReason={missingPermission(project.role, "admin")}
      mutation={change}
      isChanged={draft.isChanged}
      fields={["name", "timezone", "is_active"]}
      onUndo={() => {
        draft.undo();
        change.reset();
      }}
      onSave={() => {
        change.mutate(draft.changes, { onSuccess: draft.undo });
      }}
    >
      <TextInput
        label={t.common.name}
        required
        withAsterisk={false}
        maxLength={100}
        value={draft.values.name}
        error={fieldError(change.error, "name")}
        onChange={(event) => {
          draft.set("name", event.currentTarget.value);
        }}
      />
      <Select
        label={t.projects.timeZone}
        description={t.projects.timeZoneHint}
        searchable
        limit={60}
        allowDeselect={false}
        data={[...new Set([project.timezone, ...zoneChoices()])]}
        value={draft.values.timezone}
        error={fieldError(change.error, "timezone")}
        nothingFoundMessage={t.projects.noTimeZone}
        onChange={(zone) => {
          if (zone) draft.set("timezone", zone);
        }}
      />
      <Switch
        label={t.settings.collect}
        description={t.settings.collectHint}
        checked={draft.values.is_active}
        error={fieldError(change.error, "is_active")}
        onChange={(event) => {
          draft.set("is_active", event.currentTarget.checked);
        }}
      />
    </FormPanel>
  );
}

function SessionForm({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, ["session_timeout_minutes"]);
  return (
    <FormPanel title={t.settings.sessions} readOnlyReason={missingPermission(project.role, "admin")} {...form.panel}>
      <NumberField
        label={t.settings.sessionTimeout}
        description={t.settings.sessionTimeoutHint}
        suffix={t.settings.minutes}
        required
        withAsterisk={false}
        value={form.values.session_timeout_minutes}
        error={fieldError(form.error, "session_timeout_minutes")}
        onChange={(minutes) => {
          form.set("session_timeout_minutes", minutes);
        }}
      />
    </FormPanel>
  );
}

function FlagForm({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, ["flag_approval"]);
  return (
    <FormPanel title={t.settings.flags} readOnlyReason={missingPermission(project.role, "admin")} {...form.panel}>
      <Switch
        label={t.settings.flagApproval}
        description={t.settings.flagApprovalHint}
        checked={form.values.flag_approval}
        error={fieldError(form.error, "flag_approval")}
        onChange={(event) => {
          form.set("flag_approval", event.currentTarget.checked);
        }}
      />
    </FormPanel>
  );
}
