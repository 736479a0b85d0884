import { Alert, Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useNavigate } from "react-router";
import { useCreateProject } from "../../api/queries";
import { CopyField } from "../../components/CopyField";
import { Problem } from "../../components/Problem";

interface CreateProjectProps {
  opened: boolean;
  onClose: () => void;
}

/** Make a project; its secret key is shown here and never again. */
export function CreateProject({ opened, onClose }: CreateProjectProps) {
  const [name, setName] = useState("");
  const create = useCreateProject();
  const navigate = useNavigate();
  const made = create.data;

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    create.mutate(name.trim());
  };
  const close = () => {
    onClose();
    setName("");
    create.reset();
    if (made) void navigate(`/projects/${made.id}`);
  };

  return (
    <Modal opened={opened} onClose={close} title={made ? made.name : "New project"} closeOnClickOutside={!made}>
      {made ? (
        <Stack>
          <CopyField label="Public key (for pages and apps)" value={made.public_key ?? ""} />
          <CopyField label="Secret key (for your servers)" value={made.secret_key} />
          <Alert color="orange">Copy the secret key now: it is not shown again.</Alert>
          <Button onClick={close}>I have copied it</Button>
        </Stack>
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
              onChange={(event) => {
                setName(event.currentTarget.value);
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
