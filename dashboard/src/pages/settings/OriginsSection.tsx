import type { Project, ProjectSettings } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { missingPermission } from "../../api/projects/roles";
import { FormPanel } from "../../components/forms/FormPanel";
import { ListField } from "../../components/forms/ListField";
import { RichText } from "../../components/text/RichText";
import { t } from "../../texts";
import { LoadedSettings } from "./LoadedSettings";
import { useSettingsForm } from "./useSettingsForm";

/** The web pages that may send events. */
export function OriginsSection({ project }: { project: Project }) {
  return (
    <LoadedSettings projectId={project.id}>
      {(settings) => <OriginsForm project={project} settings={settings} />}
    </LoadedSettings>
  );
}

function OriginsForm({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, ["allowed_origins"]);
  const texts = t.settings.origins;
  return (
    <FormPanel
      title={texts.title}
      note={
        <RichText
          text={texts.note}
          values={{ https: <code>https://example.org</code>, http: <code>http://localhost:3000</code> }}
        />
      }
      readOnlyReason={missingPermission(project.role, "admin")}
      {...form.panel}
    >
      <ListField
        label={texts.label}
        placeholder={texts.all}
        entry={texts.entry}
        splitChars={[",", " "]}
        value={form.values.allowed_origins}
        error={fieldError(form.error, "allowed_origins")}
        onChange={(origins) => {
          form.set("allowed_origins", origins);
        }}
      />
    </FormPanel>
  );
}
