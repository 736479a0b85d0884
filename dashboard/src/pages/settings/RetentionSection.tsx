import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { Project, ProjectSettings } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { missingPermission } from "../../api/projects/roles";
import { FormPanel } from "../../components/forms/FormPanel";
import { NumberField } from "../../components/forms/NumberField";
import { t } from "../../texts";
import { LoadedSettings } from "./LoadedSettings";
import { useSettingsForm } from "./useSettingsForm";

/** How long raw events are kept. */
export function RetentionSection({ project }: { project: Project }) {
  return (
    <LoadedSettings projectId={project.id}>
      {(settings) => <RetentionForm project={project} settings={settings} />}
    </LoadedSettings>
  );
}

function RetentionForm({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, ["retention_days"]);
  const days = form.values.retention_days;
  const isShorter = days !== null && days > 0 && (settings.retention_days === null || days < settings.retention_days);
  const texts = t.settings.retention;
  return (
    <FormPanel
      title={texts.title}
      note={texts.note}
      readOnlyReason={missingPermission(project.role, "admin")}
      {...form.panel}
    >
      <NumberField
        label={texts.label}
        description={texts.hint}
        placeholder={texts.forever}
        suffix={texts.days}
        value={days}
        error={fieldError(form.error, "retention_days")}
        onChange={(value) => {
          form.set("retention_days", value);
        }}
      />
      {isShorter ? (
        <Alert color="coral" icon={<IconAlertTriangle size={18} />} title={texts.deletesTitle}>
          {texts.deletes(days)}
        </Alert>
      ) : null}
    </FormPanel>
  );
}
