import { Button, Switch, TextInput } from "@mantine/core";
import type { Source, SourceFields } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { useAddSource, useChangeSource } from "../../api/projects/sources";
import type { MutationState } from "../../api/cache/useApiMutation";
import { AddButton } from "../../components/forms/AddButton";
import { FormDialog } from "../../components/forms/FormDialog";
import { ShareField } from "../../components/forms/NumberField";
import { SwitchNow } from "../../components/forms/SwitchNow";
import { useFormDialog, type FormDialogState } from "../../components/forms/useFormDialog";
import { t } from "../../texts";

/** The share is missing while somebody types it. */
type Fields = Omit<SourceFields, "sample_rate"> & { sample_rate: number | null };

const NEW_SOURCE: Fields = { name: "", description: "", is_active: true, sample_rate: 1 };

/** A button, and the dialog that adds the rule of a source. */
export function AddSource({ projectId }: { projectId: number }) {
  const add = useAddSource(projectId);
  const dialog = useFormDialog(NEW_SOURCE, add);
  return (
    <>
      <AddButton onClick={dialog.open}>{t.settings.sources.add}</AddButton>
      <SourceDialog title={t.settings.sources.add} submitLabel={t.settings.sources.add} dialog={dialog} save={add} />
    </>
  );
}

/** A button, and the dialog that changes the rule of a source. */
export function EditSource({ projectId, source }: { projectId: number; source: Source }) {
  const { name, description, is_active, sample_rate } = source;
  const change = useChangeSource(projectId, source.id);
  const dialog = useFormDialog<Fields>({ name, description, is_active, sample_rate }, change);
  return (
    <>
      <Button variant="default" size="xs" onClick={dialog.open} aria-label={t.settings.sources.editOf(name)}>
        {t.common.edit}
      </Button>
      <SourceDialog title={t.settings.sources.editTitle(name)} submitLabel={t.common.save} dialog={dialog} save={change} />
    </>
  );
}

interface SourceDialogProps {
  title: string;
  submitLabel: string;
  dialog: FormDialogState<Fields>;
  save: MutationState & { mutate: (fields: SourceFields, options: { onSuccess: () => void }) => void };
}

function SourceDialog({ title, submitLabel, dialog, save }: SourceDialogProps) {
  const { values } = dialog;
  const texts = t.settings.sources;
  return (
    <FormDialog
      opened={dialog.opened}
      onClose={dialog.close}
      title={title}
      mutation={save}
      fields={["name", "description", "is_active", "sample_rate"]}
      submitLabel={submitLabel}
      onSubmit={() => {
        // The browser does not submit the form without a share.
        save.mutate({ ...values, sample_rate: values.sample_rate ?? 1 }, { onSuccess: dialog.close });
      }}
    >
      <TextInput
        label={t.common.name}
        description={texts.nameHint}
        placeholder={texts.namePlaceholder}
        required
        withAsterisk={false}
        maxLength={100}
        data-autofocus
        value={values.name}
        error={fieldError(save.error, "name")}
        onChange={(event) => {
          dialog.set("name", event.currentTarget.value);
        }}
      />
      <TextInput
        label={texts.description}
        maxLength={500}
        value={values.description}
        error={fieldError(save.error, "description")}
        onChange={(event) => {
          dialog.set("description", event.currentTarget.value);
        }}
      />
      <Switch
        label={texts.collect}
        description={texts.collectHint}
        checked={values.is_active}
        error={fieldError(save.error, "is_active")}
        onChange={(event) => {
          dialog.set("is_active", event.currentTarget.checked);
        }}
      />
      <ShareField
        label={texts.share}
        description={texts.shareHint}
        required
        withAsterisk={false}
        value={values.sample_rate}
        error={fieldError(save.error, "sample_rate")}
        onChange={(share) => {
          dialog.set("sample_rate", share);
        }}
      />
    </FormDialog>
  );
}

/** Switches the collection of a source's events on or off at once. */
export function SourceSwitch({ projectId, source }: { projectId: number; source: Source }) {
  const change = useChangeSource(projectId, source.id);
  return (
    <SwitchNow
      label={t.settings.sources.collectOf(source.name)}
      isOn={change.isPending ? change.variables.is_active === true : source.is_active}
      error={change.error}
      onChange={(isActive) => {
        change.mutate({ is_active: isActive });
      }}
    />
  );
}
