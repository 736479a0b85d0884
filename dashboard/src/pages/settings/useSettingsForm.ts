import type { ProjectSettings } from "../../api/requests/client";
import { useChangeSettings } from "../../api/projects/projects";
import { useDraft } from "../../components/forms/useDraft";

/** Settings while somebody types: a number may be missing for the moment. */
type TypedSettings = {
  [Field in keyof ProjectSettings]: ProjectSettings[Field] extends number ? number | null : ProjectSettings[Field];
};

/** Some of a project's settings as a form: the typed values, and the props with which FormPanel saves them. */
export function useSettingsForm(projectId: number, settings: ProjectSettings, fields: readonly (keyof ProjectSettings)[]) {
  const draft = useDraft<TypedSettings>(settings, `settings ${projectId} ${fields.join(" ")}`);
  const change = useChangeSettings(projectId);
  return {
    values: draft.values,
    set: draft.set,
    error: change.error,
    panel: {
      mutation: change,
      fields,
      isChanged: draft.isChanged,
      onUndo: () => {
        draft.undo();
        change.reset();
      },
      onSave: () => {
        // The browser does not submit the form without a required number.
        change.mutate(draft.changes as Partial<ProjectSettings>, { onSuccess: draft.undo });
      },
    },
  };
}
