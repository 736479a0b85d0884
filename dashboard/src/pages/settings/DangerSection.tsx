import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState, type SyntheticEvent } from "react";
import { useNavigate } from "react-router";
import type { Project } from "../../api/client";
import { useDeleteProject } from "../../api/projects";
import { missingPermission } from "../../api/roles";
import { FormErrorAlert } from "../../components/FormErrorAlert";
import { PermissionNote } from "../../components/PermissionNote";
import { Panel } from "../../components/Panel";

/** The end of a project. */
export function DangerSection({ project }: { project: Project }) {
  const locked = missingPermission(project.role, "owner");
  return (
    <Panel title="Delete this project">
      <Stack align="flex-start">
        <Text size="sm">
          It disappears at once, and its keys end: what apps send is refused. For 7 days an owner can restore it with all
          its data and keys, from the list of projects. After that everything is deleted: events, persons, reports,
          settings and keys.
        </Text>
        {locked === null ? <DeleteProject project={project} /> : <PermissionNote reason={locked} />}
      </Stack>
    </Panel>
  );
}

function DeleteProject({ project }: { project: Project }) {
  const [opened, { open, close }] = useDisclosure();
  const [typed, setTyped] = useState("");
  const remove = useDeleteProject(project.id);
  const navigate = useNavigate();
  const isConfirmed = typed.trim() === project.name;
  const leave = () => {
    close();
    setTyped("");
    remove.reset();
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isConfirmed) remove.mutate(undefined, { onSuccess: () => void navigate("/projects") });
  };
  return (
    <>
      <Button color="coral" onClick={open}>
        Delete {project.name}
      </Button>
      <Modal
        opened={opened}
        onClose={leave}
        title={`Delete ${project.name}?`}
        withCloseButton={!remove.isPending}
        closeOnClickOutside={!remove.isPending}
        closeOnEscape={!remove.isPending}
      >
        <form onSubmit={submit}>
          <Stack>
            <FormErrorAlert error={remove.error} fields={[]} title="Not deleted" />
            <TextInput
              label={`To go on, type the project's name: ${project.name}`}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
              }}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={leave} disabled={remove.isPending}>
                Keep it
              </Button>
              <Button type="submit" color="coral" disabled={!isConfirmed} loading={remove.isPending}>
                Delete it
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
