import { Radio, Stack, Switch } from "@mantine/core";
import type { Project, ProjectSettings } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { missingPermission } from "../../api/projects/roles";
import { FormPanel } from "../../components/forms/FormPanel";
import { t } from "../../texts";
import { LoadedSettings } from "./LoadedSettings";
import { useSettingsForm } from "./useSettingsForm";

/** What is stored of the persons behind events. */
export function PrivacySection({ project }: { project: Project }) {
  return (
    <LoadedSettings projectId={project.id}>
      {(settings) => <PrivacyForm project={project} settings={settings} />}
    </LoadedSettings>
  );
}

const CHOICES = ["ip_mode", "do_not_track", "consent"] as const;

function PrivacyForm({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, [
    ...CHOICES,
    "store_user_agent",
    "filter_bots",
  ]);
  return (
    <FormPanel
      title={t.settings.privacy.title}
      note={t.settings.privacy.note}
      readOnlyReason={missingPermission(project.role, "admin")}
      {...form.panel}
    >
      {CHOICES.map((field) => {
        const { label, hint, options } = t.settings.privacy.fields[field];
        return (
          <Radio.Group
            key={field}
            label={label}
            description={hint}
            value={form.values[field]}
            error={fieldError(form.error, field)}
            onChange={(value) => {
              form.set(field, value);
            }}
          >
            <Stack gap={8} mt={8}>
              {Object.entries(options).map(([value, option]) => (
                <Radio key={value} value={value} label={option.label} description={option.note} />
              ))}
            </Stack>
          </Radio.Group>
        );
      })}
      <Switch
        label={t.settings.privacy.userAgent}
        description={t.settings.privacy.userAgentHint}
        checked={form.values.store_user_agent}
        error={fieldError(form.error, "store_user_agent")}
        onChange={(event) => {
          form.set("store_user_agent", event.currentTarget.checked);
        }}
      />
      <Switch
        label={t.settings.privacy.bots}
        description={t.settings.privacy.botsHint}
        checked={form.values.filter_bots}
        error={fieldError(form.error, "filter_bots")}
        onChange={(event) => {
          form.set("filter_bots", event.currentTarget.checked);
        }}
      />
    </FormPanel>
  );
}
