import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useNavigate } from "react-router";
import { ApiError } from "../../api/errors";
import { useCreateProject } from "../../api/projects";
import { CopyField } from "../../components/CopyField";
import { Problem } from "../../components/Problem";
import { ShowOnce } from "../../components/ShowOnce";
import { browserZone, zoneChoices } from "./zones";

interface CreateProjectProps {
  opened: boolean;
  onClose: () => void;
}

/** Make a project; its secret key is shown here and never again. */
export function CreateProject({ opened, onClose }: CreateProjectProps) {
  const [name, setName] = useState("");
  const [timezone, setTimezone] = useState(browserZone);
  const create = useCreateProject();
  const navigate = useNavigate();
  const made = create.data;
  const fields = create.error instanceof ApiError ? create.error.fields : {};

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    create.mutate({ name: name.trim(), timezone });
  };
  const close = () => {
    onClose();
    setName("");
    create.reset();
    if (made) void navigate(`/projects/${made.id}`);
  };

  return (
    <Modal
      opened={opened}
      onClose={close}
      title={made ? `${made.name} is ready` : "New project"}
      size="lg"
      withCloseButton={!made && !create.isPending}
      closeOnClickOutside={!made && !create.isPending}
      closeOnEscape={!made && !create.isPending}
    >
      {made ? (
        <ShowOnce secretKey={made.secret_key} onDone={close}>
          {made.public_key ? <CopyField label="Public key (for pages and apps)" value={made.public_key} /> : null}
        </ShowOnce>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            {create.error ? <Problem error={create.error} /> : null}
            <TextInput
              label="Name"
              placeholder="My game"
              required
              maxLength={100}
              data-autofocus
              value={name}
              error={fields["name"]?.join(" ")}
              onChange={(event) => {
                setName(event.currentTarget.value);
              }}
            />
            <Select
              label="Time zone"
              description="Days begin and end by its clock in every report"
              searchable
              limit={60}
              allowDeselect={false}
              data={zoneChoices()}
              value={timezone}
              error={fields["timezone"]?.join(" ")}
              nothingFoundMessage="No such time zone"
              onChange={(zone) => {
                if (zone) setTimezone(zone);
              }}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
                Create
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
