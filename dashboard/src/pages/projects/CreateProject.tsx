import { Button, Select, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import { projectAddress } from "../../addresses";
import { fieldError } from "../../api/requests/errors";
import { useCreateProject } from "../../api/projects/projects";
import { FormDialog } from "../../components/forms/FormDialog";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { browserZone, zoneChoices } from "../../format/timeZones";
import { t } from "../../texts";

const INITIAL = { name: "", timezone: browserZone() };

/** A button, and the dialog that creates a project. Its secret key is shown once. */
export function CreateProject() {
  const showOnce = useShowOnce();
  const navigate = useNavigate();
  const create = useCreateProject((project) => {
    showOnce({
      title: t.projects.readyTitle(project.name),
      warning: t.projects.secretKeyWarning,
      values: [
        ...(project.public_key ? [{ label: t.projects.publicKey, value: project.public_key }] : []),
        { label: t.projects.secretKey, value: project.secret_key },
      ],
    });
  });
  const dialog = useFormDialog(INITIAL, create);
  const { name, timezone } = dialog.values;
  return (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
        {t.projects.new}
      </Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={t.projects.new}
        size="lg"
        mutation={create}
        fields={["name", "timezone"]}
        errorTitle={t.projects.notCreated}
        submitLabel={t.projects.create}
        isReady={name.trim() !== ""}
        onSubmit={() => {
          create.mutate(
            { name: name.trim(), timezone },
            {
              onSuccess: ({ id }) => {
                dialog.close();
                void navigate(projectAddress(id));
              },
            },
          );
        }}
      >
        <TextInput
          label={t.common.name}
          placeholder={t.projects.namePlaceholder}
          required
          maxLength={100}
          data-autofocus
          value={name}
          error={fieldError(create.error, "name")}
          onChange={(event) => {
            dialog.set("name", event.currentTarget.value);
          }}
        />
        <Select
          label={t.projects.timeZone}
          description={t.projects.timeZoneHint}
          searchable
          limit={60}
          allowDeselect={false}
          data={zoneChoices()}
          value={timezone}
          error={fieldError(create.error, "timezone")}
          nothingFoundMessage={t.projects.noTimeZone}
          onChange={(zone) => {
            if (zone) dialog.set("timezone", zone);
          }}
        />
      </FormDialog>
    </>
  );
}
