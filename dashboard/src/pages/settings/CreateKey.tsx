import { Text, TextInput } from "@mantine/core";
import type { KeyKind } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { useCreateKey } from "../../api/projects/keys";
import { AddButton } from "../../components/forms/AddButton";
import { FormDialog } from "../../components/forms/FormDialog";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { t } from "../../texts";
import { secretKeyOnce } from "./secretKeyOnce";

/** A button, and the dialog that creates a key. */
export function CreateKey({ projectId, kind }: { projectId: number; kind: KeyKind }) {
  const showOnce = useShowOnce();
  const create = useCreateKey(projectId, (key) => {
    const shown = secretKeyOnce(key);
    if (shown) showOnce(shown);
  });
  const dialog = useFormDialog({ name: "" }, create);
  const texts = t.settings.keys.kinds[kind];
  return (
    <>
      <AddButton onClick={dialog.open}>{texts.new}</AddButton>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={texts.new}
        mutation={create}
        fields={["name"]}
        errorTitle={t.settings.keys.notCreated}
        submitLabel={t.settings.keys.create}
        onSubmit={() => {
          create.mutate({ kind, name: dialog.values.name.trim() }, { onSuccess: dialog.close });
        }}
      >
        <TextInput
          label={t.common.name}
          description={t.settings.keys.nameHint}
          placeholder={texts.namePlaceholder}
          data-autofocus
          maxLength={100}
          value={dialog.values.name}
          error={fieldError(create.error, "name")}
          onChange={(event) => {
            dialog.set("name", event.currentTarget.value);
          }}
        />
        {kind === "secret" ? (
          <Text size="sm" c="dimmed">
            {t.settings.keys.shownOnce}
          </Text>
        ) : null}
      </FormDialog>
    </>
  );
}
