import { Textarea, TextInput } from "@mantine/core";
import { fieldError } from "../../../api/requests/errors";
import type { MutationState } from "../../../api/cache/useApiMutation";
import { FormDialog } from "../../../components/forms/FormDialog";
import type { FormDialogState } from "../../../components/forms/useFormDialog";
import { t } from "../../../texts";

export interface InsightNames {
  name: string;
  description: string;
}

interface InsightDialogProps {
  title: string;
  project: string;
  dialog: FormDialogState<InsightNames>;
  mutation: MutationState;
  onSubmit: (names: InsightNames) => void;
}

/** The name and the description of a saved insight. */
export function InsightDialog({ title, project, dialog, mutation, onSubmit }: InsightDialogProps) {
  const { name, description } = dialog.values;
  return (
    <FormDialog
      opened={dialog.opened}
      onClose={dialog.close}
      title={title}
      mutation={mutation}
      fields={["name", "description"]}
      submitLabel={t.common.save}
      onSubmit={() => {
        onSubmit({ name: name.trim(), description: description.trim() });
      }}
    >
      <TextInput
        label={t.common.name}
        description={t.insights.saveNameHint(project)}
        required
        withAsterisk={false}
        maxLength={200}
        data-autofocus
        value={name}
        error={fieldError(mutation.error, "name")}
        onFocus={(event) => {
          event.currentTarget.select();
        }}
        onChange={(event) => {
          dialog.set("name", event.currentTarget.value);
        }}
      />
      <Textarea
        label={t.explore.description}
        rows={3}
        maxLength={2_000}
        value={description}
        error={fieldError(mutation.error, "description")}
        onChange={(event) => {
          dialog.set("description", event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
