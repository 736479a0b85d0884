import type { ProjectSettings } from "../../api/client";
import { useChangeSettings } from "../../api/projects";
import { useDraft } from "../../components/useDraft";

/** As they are while somebody types: a number may be missing for the moment. */
type Typed = { [Field in keyof ProjectSettings]: ProjectSettings[Field] extends number ? number | null : ProjectSettings[Field] };

/** Some of a project's settings as a form: what was typed, and what FormPanel needs to save it. */
export function useSettingsForm(projectId: number, settings: ProjectSettings, fields: readonly (keyof ProjectSettings)[]) {
  const draft = useDraft<Typed>(settings);
  const change = useChangeSettings(projectId);
  return {
    values: draft.values,
    set: draft.set,
    error: change.error,
    panel: {
      change,
      fields,
      isChanged: draft.isChanged,
      onUndo: () => {
        draft.undo();
        change.reset();
      },
      onSave: () => {
        // A number that is needed and missing does not get past the browser's own check.
        change.mutate(draft.changes as Partial<ProjectSettings>, { onSuccess: draft.undo });
      },
    },
  };
}
