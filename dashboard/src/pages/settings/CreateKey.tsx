import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useRef, useState, type SyntheticEvent } from "react";
import type { KeyKind } from "../../api/client";
import { fieldError } from "../../api/errors";
import { useCreateKey } from "../../api/keys";
import { FormErrorAlert, useFocusOnError } from "../../components/FormErrorAlert";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { secretKeyOnce } from "./secretKeyOnce";

/** One more key. */
export function CreateKey({ projectId, kind }: { projectId: number; kind: KeyKind }) {
  const [opened, { open, close }] = useDisclosure();
  const [name, setName] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const showOnce = useShowOnce();
  const create = useCreateKey(projectId, (made) => {
    const shown = secretKeyOnce(made);
    if (shown) showOnce(shown);
  });
  useFocusOnError(form, create.error);
  const leave = () => {
    close();
    setName("");
    create.reset();
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    create.mutate({ kind, name: name.trim() }, { onSuccess: leave });
  };
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={open}>
        New {kind} key
      </Button>
      <Modal
        opened={opened}
        onClose={leave}
        title={`New ${kind} key`}
        withCloseButton={!create.isPending}
        closeOnClickOutside={!create.isPending}
        closeOnEscape={!create.isPending}
      >
        <form onSubmit={submit} ref={form}>
          <Stack>
            <FormErrorAlert error={create.error} fields={["name"]} title="Not made" />
            <TextInput
              label="Name"
              description="What it is used for, so that you can tell it from others later"
              placeholder={kind === "secret" ? "Nightly export" : "Mobile app"}
              data-autofocus
              maxLength={100}
              value={name}
              error={fieldError(create.error, "name")}
              onChange={(event) => {
                setName(event.currentTarget.value);
              }}
            />
            {kind === "secret" ? (
              <Text size="sm" c="dimmed">
                The key is shown once, when it is made.
              </Text>
            ) : null}
            <Group justify="flex-end">
              <Button variant="default" onClick={leave} disabled={create.isPending}>
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending}>
                Make it
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
