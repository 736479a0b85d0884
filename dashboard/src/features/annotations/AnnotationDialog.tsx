import { Textarea, TextInput } from "@mantine/core";
import { useSaveAnnotation, type Annotation } from "../../api/insights/annotations";
import type { Project } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { FormDialog } from "../../components/forms/FormDialog";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { instantOf, localTime } from "../../format/localTime";
import { t } from "../../texts";

interface AnnotationDialogProps {
  project: Project;
  /** null: a new one. */
  annotation: Annotation | null;
  onClose: () => void;
}

/** A note at a time, such as a release; times are of the project's time zone. */
export function AnnotationDialog({ project, annotation, onClose }: AnnotationDialogProps) {
  const save = useSaveAnnotation(project.id, annotation?.id ?? null);
  const zone = project.timezone;
  const at = annotation?.at ?? new Date().toISOString();
  const form = useFormDialog({ at: localTime(at, zone), text: annotation?.text ?? "" }, save, { opened: true, onClose });
  const instant = instantOf(form.values.at, zone);
  return (
    <FormDialog
      opened={form.opened}
      onClose={form.close}
      title={annotation ? t.annotations.edit : t.annotations.add}
      mutation={save}
      fields={["text", "at"]}
      errorTitle={t.errors.notSaved}
      submitLabel={t.common.save}
      isReady={instant !== null && form.values.text.trim() !== ""}
      onSubmit={() => {
        if (instant !== null) save.mutate({ at: instant, text: form.values.text.trim() }, { onSuccess: form.close });
      }}
    >
      <Textarea
        label={t.annotations.text}
        placeholder={t.annotations.placeholder}
        data-autofocus
        rows={2}
        maxLength={2_000}
        value={form.values.text}
        error={fieldError(save.error, "text")}
        onChange={(event) => {
          form.set("text", event.currentTarget.value);
        }}
      />
      <TextInput
        type="datetime-local"
        label={t.annotations.time(zone)}
        value={form.values.at}
        error={instant === null ? t.annotations.noTime : fieldError(save.error, "at")}
        onChange={(event) => {
          form.set("at", event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
