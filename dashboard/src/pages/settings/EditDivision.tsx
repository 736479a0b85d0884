import { Button, Group, TextInput } from "@mantine/core";
import { useSaveDivision, type Division, type DivisionFields } from "../../api/reports/divisions";
import { fieldError } from "../../api/requests/errors";
import { AddButton } from "../../components/forms/AddButton";
import { FormDialog } from "../../components/forms/FormDialog";
import { textField } from "../../components/forms/textField";
import { useFormDialog, type FormDialogState } from "../../components/forms/useFormDialog";
import { t } from "../../texts";
import { DivisionField } from "./DivisionField";

const texts = t.communitySettings;
const FIELDS = ["id", "name", "kind", "parent_id", "country", "region"] as const;
type Fields = Record<(typeof FIELDS)[number], string>;
const NEW: Fields = { id: "", name: "", kind: "", parent_id: "", country: "", region: "" };

/** A button, and the dialog that enters a division. */
export function AddDivision({ projectId, ids }: { projectId: number; ids: readonly string[] }) {
  const save = useSaveDivision(projectId, null);
  const dialog = useFormDialog(NEW, save);
  return (
    <>
      <AddButton onClick={dialog.open}>{texts.newDivision}</AddButton>
      <DivisionDialog title={texts.newDivision} isNew dialog={dialog} save={save} ids={ids} />
    </>
  );
}

/** A button, and the dialog that changes a division. */
export function EditDivision({ projectId, division, ids }: { projectId: number; division: Division; ids: readonly string[] }) {
  const { id, name, kind, parent_id, country, region } = division;
  const save = useSaveDivision(projectId, id);
  const dialog = useFormDialog<Fields>({ id, name, kind, parent_id: parent_id ?? "", country: country ?? "", region: region ?? "" }, save);
  return (
    <>
      <Button variant="default" size="xs" aria-label={texts.editOf(name)} onClick={dialog.open}>
        {t.common.edit}
      </Button>
      <DivisionDialog title={texts.editOf(name)} dialog={dialog} save={save} ids={ids} />
    </>
  );
}

interface DivisionDialogProps {
  title: string;
  isNew?: boolean;
  dialog: FormDialogState<Fields>;
  save: ReturnType<typeof useSaveDivision>;
  ids: readonly string[];
}

function DivisionDialog({ title, isNew = false, dialog, save, ids }: DivisionDialogProps) {
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
        save.mutate(entered(values), { onSuccess: dialog.close });
      }}
    >
      <TextInput label={texts.name} maxLength={200} data-autofocus {...field("name")} />
      <TextInput label={texts.id} description={texts.idHint} maxLength={100} disabled={!isNew} {...field("id")} />
      <TextInput label={texts.kind} description={texts.kindHint} maxLength={50} {...field("kind")} />
      <Group grow align="flex-start">
        <TextInput label={texts.country} description={texts.countryHint} maxLength={2} {...field("country")} />
        <TextInput label={texts.region} description={texts.regionHint} maxLength={200} {...field("region")} />
      </Group>
      <DivisionField
        label={texts.parent}
        description={texts.parentHint}
        ids={ids.filter((id) => id !== values.id)}
        value={values.parent_id}
        error={fieldError(save.error, "parent_id")}
        onChange={(id) => {
          set("parent_id", id);
        }}
      />
    </FormDialog>
  );
}

function entered({ id, name, kind, parent_id, country, region }: Fields): DivisionFields {
  return {
    id: id.trim(),
    name: name.trim(),
    kind: kind.trim(),
    parent_id: parent_id.trim() || null,
    country: country.trim().toUpperCase() || null,
    region: region.trim() || null,
  };
}
