import type { Project } from "../../api/client";
import { fieldError } from "../../api/errors";
import { missingPermission } from "../../api/roles";
import { FormPanel } from "../../components/FormPanel";
import { NumberField, ShareField } from "../../components/NumberField";
import { LoadedSettings } from "./LoadedSettings";
import { useSettingsForm } from "./useSettingsForm";
import type { ProjectSettings } from "../../api/client";

/** How much a project takes. */
export function LimitsSection({ project }: { project: Project }) {
  return (
    <LoadedSettings projectId={project.id}>
      {(settings) => (
        <>
          <Rates project={project} settings={settings} />
          <Sampling project={project} settings={settings} />
        </>
      )}
    </LoadedSettings>
  );
}

interface PartProps {
  project: Project;
  settings: ProjectSettings;
}

const RATES = [
  {
    field: "rate_limit_per_minute",
    label: "Events a minute",
    description: "What comes faster is told to wait; SDKs send it later",
    isNeeded: true,
  },
  {
    field: "client_rate_limit_per_minute",
    label: "Events a minute from one client address",
    description:
      "By public key alone, so that one visitor cannot use up the project's limit. Empty: the default of 6,000; 0: no limit",
    isNeeded: false,
  },
  {
    field: "daily_quota",
    label: "Events a day (UTC)",
    description: "What comes beyond it is refused until the next day",
    isNeeded: false,
  },
  {
    field: "monthly_quota",
    label: "Events a month (UTC)",
    description: "What comes beyond it is refused until the next month",
    isNeeded: false,
  },
] as const;

function Rates({ project, settings }: PartProps) {
  const form = useSettingsForm(
    project.id,
    settings,
    RATES.map(({ field }) => field),
  );
  return (
    <FormPanel title="Rate limits and quotas" locked={missingPermission(project.role, "admin")} {...form.panel}>
      {RATES.map(({ field, label, description, isNeeded }) => (
        <NumberField
          key={field}
          label={label}
          description={description}
          placeholder="No limit"
          required={isNeeded}
          withAsterisk={false}
          value={form.values[field]}
          error={fieldError(form.error, field)}
          onChange={(events) => {
            form.set(field, events);
          }}
        />
      ))}
    </FormPanel>
  );
}

function Sampling({ project, settings }: PartProps) {
  const form = useSettingsForm(project.id, settings, ["sample_rate"]);
  return (
    <FormPanel
      title="Sampling"
      note="Below 100 % the events of some persons are not stored, and counts are estimates: each kept event stands for several. A person is kept or left out as a whole, so funnels and retention stay whole. What a source's own share leaves is sampled on top."
      locked={missingPermission(project.role, "admin")}
      {...form.panel}
    >
      <ShareField
        label="Share of persons kept"
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
