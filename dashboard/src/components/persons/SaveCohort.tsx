import { Alert, Anchor, Button, Text, TextInput } from "@mantine/core";
import { IconUsersPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useCreateCohort, type NewCohort } from "../../api/persons/cohorts";
import { fieldError } from "../../api/requests/errors";
import { t } from "../../texts";
import { FormDialog } from "../forms/FormDialog";
import { useFormDialog } from "../forms/useFormDialog";

interface SaveCohortProps {
  project: Project;
  /** The name that is proposed. */
  name: string;
  /** Who becomes a member. */
  members: Pick<NewCohort, "figure" | "persons">;
}

/** A button, and the dialog that saves persons as a cohort. */
export function SaveCohort({ project, name: proposed, members }: SaveCohortProps) {
  const create = useCreateCohort(project.id);
  const dialog = useFormDialog({ name: proposed.slice(0, 200) }, create);
  const [saved, setSaved] = useState<string | null>(null);
  const name = dialog.values.name.trim();
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconUsersPlus size={15} stroke={1.7} />} onClick={dialog.open}>
        {t.persons.saveAsCohort}
      </Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={t.persons.saveAsCohort}
        mutation={create}
        fields={["name"]}
        submitLabel={t.persons.save}
        isReady={name !== ""}
        onSubmit={() => {
          create.mutate(
            { name, ...members },
            {
              onSuccess: () => {
                setSaved(name);
                dialog.close();
              },
            },
          );
        }}
      >
        <Text size="sm">{t.persons.cohortNote}</Text>
        <TextInput
          label={t.persons.cohortName}
          maxLength={200}
          value={dialog.values.name}
          error={fieldError(create.error, "name")}
          onChange={(event) => {
            dialog.set("name", event.currentTarget.value);
          }}
        />
      </FormDialog>
      {saved === null ? null : (
        <Alert color="tide" role="status" w="100%">
          {t.persons.cohortSaved(saved)}{" "}
          <Anchor component={Link} to={projectAddress(project.id, "/people/cohorts")} size="sm" underline="always">
            {t.persons.openCohort}
          </Anchor>
        </Alert>
      )}
    </>
  );
}
