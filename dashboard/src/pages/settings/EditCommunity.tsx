import { Button, TextInput } from "@mantine/core";
import { useSaveCommunity, type Community } from "../../api/reports/divisions";
import { fieldError } from "../../api/requests/errors";
import { AddButton } from "../../components/forms/AddButton";
import { FormDialog } from "../../components/forms/FormDialog";
import { textField } from "../../components/forms/textField";
import { useFormDialog, type FormDialogState } from "../../components/forms/useFormDialog";
import { t } from "../../texts";
import { DivisionField } from "./DivisionField";

const texts = t.communitySettings;
const FIELDS = ["id", "name", "slug", "division_id"] as const;
type Fields = Record<(typeof FIELDS)[number], string>;
const NEW: Fields = { id: "", name: "", slug: "", division_id: "" };

/** A button, and the dialog that enters a community. */
export function AddCommunity({ projectId, divisionIds }: { projectId: number; divisionIds: readonly string[] }) {
  const save = useSaveCommunity(projectId, null);
  const dialog = useFormDialog(NEW, save);
  return (
    <>
      <AddButton onClick={dialog.open}>{texts.newCommunity}</AddButton>
      <CommunityDialog title={texts.newCommunity} isNew dialog={dialog} save={save} divisionIds={divisionIds} />
    </>
  );
}

interface EditCommunityProps {
  projectId: number;
  community: Community;
  divisionIds: readonly string[];
}

/** A button, and the dialog that changes a community. */
export function EditCommunity({ projectId, community: { id, name, slug, division_id }, divisionIds }: EditCommunityProps) {
  const save = useSaveCommunity(projectId, id);
  const dialog = useFormDialog<Fields>({ id, name, slug, division_id: division_id ?? "" }, save);
  return (
    <>
      <Button variant="default" size="xs" aria-label={texts.editOf(name)} onClick={dialog.open}>
        {t.common.edit}
      </Button>
      <CommunityDialog title={texts.editOf(name)} dialog={dialog} save={save} divisionIds={divisionIds} />
    </>
  );
}

interface CommunityDialogProps {
  title: string;
  isNew?: boolean;
  dialog: FormDialogState<Fields>;
  save: ReturnType<typeof useSaveCommunity>;
  divisionIds: readonly string[];
}

function CommunityDialog({ title, isNew = false, dialog, save, divisionIds }: CommunityDialogProps) {
  const { values, set } = dialog;
  const field = (name: keyof Fields) => textField(dialog, name, save.error);
  return (
    <FormDialog
      opened={dialog.opened}
      onClose={dialog.close}
      title={title}
      mutation={save}
      fields={FIELDS}
      submitLabel={isNew ? texts.create : t.common.save}
      isReady={values.id.trim() !== "" && values.name.trim() !== ""}
      onSubmit={() => {
        const fields = { id: values.id.trim(), name: values.name.trim(), slug: values.slug.trim(), division_id: values.division_id.trim() || null };
        save.mutate(fields, { onSuccess: dialog.close });
      }}
    >
      <TextInput label={texts.name} maxLength={200} data-autofocus {...field("name")} />
      <TextInput label={texts.id} description={texts.idHint} maxLength={100} disabled={!isNew} {...field("id")} />
      <TextInput label={texts.slug} maxLength={100} {...field("slug")} />
      <DivisionField
        label={texts.division}
        description={texts.divisionHint}
        ids={divisionIds}
        value={values.division_id}
        error={fieldError(save.error, "division_id")}
        onChange={(id) => {
          set("division_id", id);
        }}
      />
    </FormDialog>
  );
}
