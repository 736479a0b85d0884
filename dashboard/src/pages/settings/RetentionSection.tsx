import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { Project, ProjectSettings } from "../../api/client";
import { fieldError } from "../../api/errors";
import { missingPermission } from "../../api/roles";
import { FormPanel } from "../../components/FormPanel";
import { NumberField } from "../../components/NumberField";
import { exactNumber } from "../../format/numbers";
import { LoadedSettings } from "./LoadedSettings";
import { useSettingsForm } from "./useSettingsForm";

/** How long raw events are kept. */
export function RetentionSection({ project }: { project: Project }) {
  return (
    <LoadedSettings projectId={project.id}>
      {(settings) => <Retention project={project} settings={settings} />}
    </LoadedSettings>
  );
}

function Retention({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, ["retention_days"]);
  const days = form.values.retention_days;
  const isShorter = days !== null && days > 0 && (settings.retention_days === null || days < settings.retention_days);
  return (
    <FormPanel
      title="Retention"
      note="Raw events, sessions and dead letters of older days are removed; counts and daily summaries of those days stay."
      locked={missingPermission(project.role, "admin")}
      {...form.panel}
    >
      <NumberField
        label="Raw events are kept for"
        description="Days by the events' own time; empty: for good"
        placeholder="For good"
        suffix=" days"
        value={days}
        error={fieldError(form.error, "retention_days")}
        onChange={(value) => {
          form.set("retention_days", value);
        }}
      />
      {isShorter ? (
        <Alert color="coral" icon={<IconAlertTriangle size={18} />} title="This deletes">
          Raw events of days that are more than {exactNumber(days)} days ago are deleted by the next run of the upkeep.
          Nothing brings them back.
        </Alert>
      ) : null}
    </FormPanel>
  );
}
