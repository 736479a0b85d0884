import { Button, Group, Modal, Stack, Switch, Text, TextInput, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useRef, type SyntheticEvent } from "react";
import type { Source } from "../../api/client";
import { fieldError } from "../../api/errors";
import { useAddSource, useChangeSource } from "../../api/sources";
import { FormErrorAlert, useFocusOnError } from "../../components/FormErrorAlert";
import { ShareField } from "../../components/NumberField";
import { useDraft } from "../../components/useDraft";

interface EditSourceProps {
  projectId: number;
  /** Missing: one more. */
  source?: Source;
}

/** Decide about a source, or otherwise. */
export function EditSource({ projectId, source }: EditSourceProps) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      {source ? (
        <Button variant="default" size="xs" onClick={open} aria-label={`Edit ${source.name}`}>
          Edit
        </Button>
      ) : (
        <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={open}>
          Add a source
        </Button>
      )}
      <Modal opened={opened} onClose={close} title={source ? `Source ${source.name}` : "Add a source"}>
        <SourceForm projectId={projectId} onDone={close} {...(source ? { source } : {})} />
      </Modal>
    </>
  );
}

const FIELDS = ["name", "description", "is_active", "sample_rate"];
const NEW = { name: "", description: "", is_active: true, sample_rate: 1 as number | null };

function SourceForm({ projectId, source, onDone }: EditSourceProps & { onDone: () => void }) {
  const { name, description, is_active, sample_rate } = source ?? NEW;
  const draft = useDraft({ name, description, is_active, sample_rate });
  const add = useAddSource(projectId);
  const change = useChangeSource(projectId, source?.id ?? 0);
  const { error, isPending } = source ? change : add;
  const form = useRef<HTMLFormElement>(null);
  useFocusOnError(form, error);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    // The browser's own check wants a share.
    const values = { ...draft.values, sample_rate: draft.values.sample_rate ?? 1 };
    if (!source) add.mutate(values, { onSuccess: onDone });
    else change.mutate(values, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} ref={form}>
      <Stack>
        <FormErrorAlert error={error} fields={FIELDS} />
        <TextInput
          label="Name"
          description="As events name it"
          placeholder="mobile-app"
          required
          withAsterisk={false}
          maxLength={100}
          data-autofocus
          value={draft.values.name}
          error={fieldError(error, "name")}
          onChange={(event) => {
            draft.set("name", event.currentTarget.value);
          }}
        />
        <TextInput
          label="Description"
          maxLength={500}
          value={draft.values.description}
          error={fieldError(error, "description")}
          onChange={(event) => {
            draft.set("description", event.currentTarget.value);
          }}
        />
        <Switch
          label="Takes its events"
          description="Off: they are refused"
          checked={draft.values.is_active}
          error={fieldError(error, "is_active")}
          onChange={(event) => {
            draft.set("is_active", event.currentTarget.checked);
          }}
        />
        <ShareField
          label="Share of persons kept"
          description="Of all events of the persons that are kept, none is lost; numbers are scaled up"
          required
          withAsterisk={false}
          value={draft.values.sample_rate}
          error={fieldError(error, "sample_rate")}
          onChange={(share) => {
            draft.set("sample_rate", share);
          }}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending}>
            {source ? "Save" : "Add it"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Whether a source's events are taken, changed at once. */
export function SourceSwitch({ projectId, source }: { projectId: number; source: Source }) {
  const change = useChangeSource(projectId, source.id);
  return (
    <>
      <Switch
        label={<VisuallyHidden>Takes events of {source.name}</VisuallyHidden>}
        onLabel="On"
        offLabel="Off"
        size="md"
        checked={change.isPending ? change.variables.is_active === true : source.is_active}
        onChange={(event) => {
          change.mutate({ is_active: event.currentTarget.checked });
        }}
      />
      {change.error ? (
        <Text size="xs" role="alert" c="var(--tm-down)">
          {change.error.message}
        </Text>
      ) : null}
    </>
  );
}
