import type { Project, ProjectSettings } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { missingPermission } from "../../api/projects/roles";
import { FormPanel } from "../../components/forms/FormPanel";
import { NumberField, ShareField } from "../../components/forms/NumberField";
import { t } from "../../texts";
import { LoadedSettings } from "./LoadedSettings";
import { useSettingsForm } from "./useSettingsForm";

/** How many events a project accepts. */
export function LimitsSection({ project }: { project: Project }) {
  return (
    <LoadedSettings projectId={project.id}>
      {(settings) => (
        <>
          <LimitsForm project={project} settings={settings} />
          <SamplingForm project={project} settings={settings} />
        </>
      )}
    </LoadedSettings>
  );
}

interface FormProps {
  project: Project;
  settings: ProjectSettings;
}

const FIELDS = [
  "rate_limit_per_minute",
  "client_rate_limit_per_minute",
  "daily_quota",
  "monthly_quota",
  "daily_quota_bytes",
  "monthly_quota_bytes",
] as const;

function LimitsForm({ project, settings }: FormProps) {
  const form = useSettingsForm(project.id, settings, FIELDS);
  return (
    <FormPanel title={t.settings.limits.title} readOnlyReason={missingPermission(project.role, "admin")} {...form.panel}>
      {FIELDS.map((field) => (
        <NumberField
          key={field}
          label={t.settings.limits.fields[field].label}
          description={t.settings.limits.fields[field].hint}
          placeholder={t.settings.limits.noLimit}
          required={field === "rate_limit_per_minute"}
          withAsterisk={false}
          value={form.values[field]}
          error={fieldError(form.error, field)}
          onChange={(limit) => {
            form.set(field, limit);
          }}
        />
      ))}
    </FormPanel>
  );
}

function SamplingForm({ project, settings }: FormProps) {
  const form = useSettingsForm(project.id, settings, ["sample_rate"]);
  return (
    <FormPanel
      title={t.settings.limits.sampling}
      note={t.settings.limits.samplingNote}
      readOnlyReason={missingPermission(project.role, "admin")}
      {...form.panel}
    >
      <ShareField
        label={t.settings.limits.share}
        required
        withAsterisk={false}
        value={form.values.sample_rate}
        error={fieldError(form.error, "sample_rate")}
        onChange={(share) => {
          form.set("sample_rate", share);
        }}
      />
    </FormPanel>
  );
}
