import { Radio, Stack, Switch } from "@mantine/core";
import type { Project, ProjectSettings } from "../../api/client";
import { fieldError } from "../../api/errors";
import { missingPermission } from "../../api/roles";
import { FormPanel } from "../../components/FormPanel";
import { LoadedSettings } from "./LoadedSettings";
import { useSettingsForm } from "./useSettingsForm";

/** What is kept of people. */
export function PrivacySection({ project }: { project: Project }) {
  return (
    <LoadedSettings projectId={project.id}>
      {(settings) => <Privacy project={project} settings={settings} />}
    </LoadedSettings>
  );
}

const CHOICES = [
  {
    field: "ip_mode",
    label: "Client addresses",
    description: "What is stored of the address an event came from",
    options: [
      { value: "none", label: "Nothing", note: "The country is worked out, then the address is forgotten" },
      { value: "hash", label: "A fingerprint of the day", note: "Tells visitors of one day apart; no longer after it" },
      { value: "full", label: "The whole address", note: "Personal data in many countries" },
    ],
  },
  {
    field: "do_not_track",
    label: "Do-Not-Track and Global Privacy Control",
    description: "What a browser's wish not to be tracked means here",
    options: [
      { value: "ignore", label: "Nothing", note: "Events are stored as any others" },
      { value: "anonymise", label: "Stored without identity", note: "They are counted; ids and address are left out" },
      { value: "refuse", label: "Not stored", note: "They are missing from every count" },
    ],
  },
  {
    field: "consent",
    label: "Consent",
    description: "What becomes of events that do not say that their person agreed",
    options: [
      { value: "implied", label: "Taken as given", note: "Only a consent that was denied counts" },
      { value: "anonymise", label: "Stored without identity", note: "They are counted; ids and address are left out" },
      { value: "refuse", label: "Not stored", note: "They are missing from every count" },
    ],
  },
] as const;

function Privacy({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, ["ip_mode", "do_not_track", "consent", "filter_bots"]);
  return (
    <FormPanel
      title="Privacy"
      note="It holds for events from now on; what is stored stays as it is."
      locked={missingPermission(project.role, "admin")}
      {...form.panel}
    >
      {CHOICES.map(({ field, label, description, options }) => (
        <Radio.Group
          key={field}
          label={label}
          description={description}
          value={form.values[field]}
          error={fieldError(form.error, field)}
          onChange={(value) => {
            form.set(field, value);
          }}
        >
          <Stack gap={8} mt={8}>
            {options.map((option) => (
              <Radio key={option.value} value={option.value} label={option.label} description={option.note} />
            ))}
          </Stack>
        </Radio.Group>
      ))}
      <Switch
        label="Refuse known bots"
        description="Crawlers and the like, by what they call themselves"
        checked={form.values.filter_bots}
        error={fieldError(form.error, "filter_bots")}
        onChange={(event) => {
          form.set("filter_bots", event.currentTarget.checked);
        }}
      />
    </FormPanel>
  );
}
