import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useNavigate } from "react-router";
import type { Project } from "../../api/requests/client";
import { useDeleteProject } from "../../api/projects/projects";
import { missingPermission } from "../../api/projects/roles";
import { FormDialog } from "../../components/forms/FormDialog";
import { Panel } from "../../components/page/Panel";
import { PermissionNote } from "../../components/states/PermissionNote";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { t } from "../../texts";

/** Deletes the project. */
export function DangerSection({ project }: { project: Project }) {
  const forbiddenReason = missingPermission(project.role, "owner");
  return (
    <Panel title={t.settings.danger.title}>
      <Stack align="flex-start">
        <Text size="sm">{t.settings.danger.note}</Text>
        {forbiddenReason === null ? <DeleteProject project={project} /> : <PermissionNote reason={forbiddenReason} />}
      </Stack>
    </Panel>
  );
}

function DeleteProject({ project: { id, name } }: { project: Project }) {
  const remove = useDeleteProject(id);
  const navigate = useNavigate();
  const dialog = useFormDialog({ typed: "" }, remove);
  const texts = t.settings.danger;
  return (
    <>
      <Button color="coral" maw="100%" title={texts.deleteOf(name)} onClick={dialog.open}>
        {texts.deleteOf(name)}
      </Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={texts.deleteTitle(name)}
        mutation={remove}
        errorTitle={texts.notDeleted}
        submitLabel={texts.deleteAction}
        cancelLabel={texts.keep}
        isDestructive
        isReady={dialog.values.typed.trim() === name}
        onSubmit={() => {
          remove.mutate(undefined, { onSuccess: () => void navigate("/projects") });
        }}
      >
        <TextInput
          label={texts.confirm(name)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          value={dialog.values.typed}
          onChange={(event) => {
            dialog.set("typed", event.currentTarget.value);
          }}
        />
      </FormDialog>
    </>
  );
}
