import { Select, Switch, TextInput } from "@mantine/core";
import type { Project, ProjectSettings } from "../../api/client";
import { fieldError } from "../../api/errors";
import { useChangeProject } from "../../api/projects";
import { missingPermission } from "../../api/roles";
import { FormPanel } from "../../components/FormPanel";
import { NumberField } from "../../components/NumberField";
import { Panel } from "../../components/Panel";
import { useDraft } from "../../components/useDraft";
import { zoneChoices } from "../../format/timeZones";
import { ProjectDetails } from "./ProjectDetails";
import { LoadedSettings } from "./LoadedSettings";
import { useSettingsForm } from "./useSettingsForm";

/** What a project is called, whose clock it goes by, and whether it takes events. */
export function GeneralSection({ project }: { project: Project }) {
  return (
    <>
      <Basics project={project} />
      <LoadedSettings projectId={project.id}>
        {(settings) => <SessionTimeout project={project} settings={settings} />}
      </LoadedSettings>
      <Panel title="About">
        <ProjectDetails project={project} />
      </Panel>
    </>
  );
}

function Basics({ project }: { project: Project }) {
  const draft = useDraft({ name: project.name, timezone: project.timezone, is_active: project.is_active });
  const change = useChangeProject(project.id);
  return (
    <FormPanel
      title="Project"
      locked={missingPermission(project.role, "admin")}
      change={change}
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
        label="Name"
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
        label="Time zone"
        description="Days begin and end by its clock in every report"
        searchable
        limit={60}
        allowDeselect={false}
        data={[...new Set([project.timezone, ...zoneChoices()])]}
        value={draft.values.timezone}
        error={fieldError(change.error, "timezone")}
        nothingFoundMessage="No such time zone"
        onChange={(zone) => {
          if (zone) draft.set("timezone", zone);
        }}
      />
      <Switch
        label="Takes events"
        description="Off: its keys are refused, and what apps send is lost"
        checked={draft.values.is_active}
        error={fieldError(change.error, "is_active")}
        onChange={(event) => {
          draft.set("is_active", event.currentTarget.checked);
        }}
      />
    </FormPanel>
  );
}

function SessionTimeout({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, ["session_timeout_minutes"]);
  return (
    <FormPanel title="Sessions" locked={missingPermission(project.role, "admin")} {...form.panel}>
      <NumberField
        label="Session timeout"
        description="A session that the app does not number itself ends after so long without an event (1 to 1,440 minutes)"
        suffix=" minutes"
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
