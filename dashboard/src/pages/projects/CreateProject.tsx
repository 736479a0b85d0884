import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useRef, useState, type SyntheticEvent } from "react";
import { useNavigate } from "react-router";
import { fieldError } from "../../api/errors";
import { useCreateProject } from "../../api/projects";
import { FormErrorAlert, useFocusOnError } from "../../components/FormErrorAlert";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { browserZone, zoneChoices } from "../../format/timeZones";

interface CreateProjectProps {
  opened: boolean;
  onClose: () => void;
}

/** Make a project; its secret key is shown then and never again. */
export function CreateProject({ opened, onClose }: CreateProjectProps) {
  const [name, setName] = useState("");
  const [timezone, setTimezone] = useState(browserZone);
  const form = useRef<HTMLFormElement>(null);
  const showOnce = useShowOnce();
  const navigate = useNavigate();
  const create = useCreateProject((made) => {
    showOnce({
      title: `${made.name} is ready`,
      warning: "Tidemark keeps only a fingerprint of the secret key. If it is lost, replace it in the settings.",
      values: [
        ...(made.public_key ? [{ label: "Public key (for pages and apps)", value: made.public_key }] : []),
        { label: "Secret key (for your servers only)", value: made.secret_key },
      ],
    });
  });
  useFocusOnError(form, create.error);

  const close = () => {
    onClose();
    setName("");
    create.reset();
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    create.mutate(
      { name: name.trim(), timezone },
      {
        onSuccess: ({ id }) => {
          close();
          void navigate(`/projects/${id}`);
        },
      },
    );
  };

  return (
    <Modal
      opened={opened}
      onClose={close}
      title="New project"
      size="lg"
      withCloseButton={!create.isPending}
      closeOnClickOutside={!create.isPending}
      closeOnEscape={!create.isPending}
    >
      <form onSubmit={submit} ref={form}>
        <Stack>
          <FormErrorAlert error={create.error} fields={["name", "timezone"]} title="Not created" />
          <TextInput
            label="Name"
            placeholder="My game"
            required
            maxLength={100}
            data-autofocus
            value={name}
            error={fieldError(create.error, "name")}
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
            error={fieldError(create.error, "timezone")}
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
    </Modal>
  );
}
