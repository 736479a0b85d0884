import type { Project, ProjectSettings } from "../../api/client";
import { fieldError } from "../../api/errors";
import { missingPermission } from "../../api/roles";
import { FormPanel } from "../../components/FormPanel";
import { ListField } from "../../components/ListField";
import { LoadedSettings } from "./LoadedSettings";
import { useSettingsForm } from "./useSettingsForm";

/** Which web pages may send events. */
export function OriginsSection({ project }: { project: Project }) {
  return (
    <LoadedSettings projectId={project.id}>
      {(settings) => <Origins project={project} settings={settings} />}
    </LoadedSettings>
  );
}

function Origins({ project, settings }: { project: Project; settings: ProjectSettings }) {
  const form = useSettingsForm(project.id, settings, ["allowed_origins"]);
  return (
    <FormPanel
      title="Allowed web origins"
      note={
        <>
          Where this list is not empty, browsers may send from pages of these origins alone (CORS). Write the exact
          origin, such as <code>https://example.org</code> or <code>http://localhost:3000</code>: scheme, host, and the
          port where it is not the usual one. Apps and servers send no origin, and are not held back.
        </>
      }
      locked={missingPermission(project.role, "admin")}
      {...form.panel}
    >
      <ListField
        label="Allowed origins"
        placeholder="All are taken"
        entry="origin"
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
