import { Autocomplete, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useEventOptions } from "../../api/events/definitions";
import { fieldError } from "../../api/requests/errors";
import { useSaveGoal, type Goal, type GoalFields } from "../../api/insights/goals";
import { FormDialog } from "../../components/forms/FormDialog";
import { t } from "../../texts";

type Kind = keyof typeof t.goals.kinds;

interface GoalDialogProps {
  projectId: number;
  /** null: a new one. */
  goal: Goal | null;
  onClose: () => void;
}

/** The form of a goal. */
export function GoalDialog({ projectId, goal, onClose }: GoalDialogProps) {
  const save = useSaveGoal(projectId, goal?.id ?? null);
  const [kind, setKind] = useState<Kind>(goal?.page != null ? "page" : "event");
  const [draft, setDraft] = useState({ name: goal?.name ?? "", event: goal?.event ?? "", page: goal?.page ?? "", value: goal?.value_property ?? "" });
  const events = useEventOptions(projectId, draft.event);
  const [isListOpen, setListOpen] = useState(false);
  const change = (changes: Partial<typeof draft>) => {
    setDraft({ ...draft, ...changes });
  };
  const fields: GoalFields = {
    name: draft.name.trim(),
    event: kind === "event" ? draft.event.trim() : null,
    page: kind === "page" ? draft.page.trim() : null,
    filters: goal?.filters ?? null,
    value_property: draft.value.trim() || null,
  };
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={goal ? t.goals.edit : t.goals.new}
      mutation={save}
      fields={["name", "event", "page", "value_property"]}
      submitLabel={goal ? t.common.save : t.goals.create}
      isReady={fields.name !== "" && fields.event !== "" && fields.page !== ""}
      onSubmit={() => {
        save.mutate(fields, { onSuccess: onClose });
      }}
    >
      <TextInput
        label={t.goals.name}
        description={t.goals.nameHint}
        required
        withAsterisk={false}
        maxLength={200}
        data-autofocus
        value={draft.name}
        error={fieldError(save.error, "name")}
        onChange={(event) => {
          change({ name: event.currentTarget.value });
        }}
      />
      <Stack gap={4}>
        <Text size="sm" fw={500} id="goal-kind">
          {t.goals.kind}
        </Text>
        <SegmentedControl
          aria-labelledby="goal-kind"
          data={(Object.keys(t.goals.kinds) as Kind[]).map((value) => ({ value, label: t.goals.kinds[value] }))}
          value={kind}
          onChange={setKind}
        />
      </Stack>
      {kind === "event" ? (
        <Autocomplete
          label={t.goals.event}
          required
          withAsterisk={false}
          maxLength={100}
          limit={50}
          maxDropdownHeight={160}
          openOnFocus={false}
          // A list of the one event that is typed already would cover the fields below.
          dropdownOpened={isListOpen && !events.some(({ name }) => name === draft.event)}
          onDropdownOpen={() => {
            setListOpen(true);
          }}
          onDropdownClose={() => {
            setListOpen(false);
          }}
          data={events.map(({ name }) => name)}
          value={draft.event}
          error={fieldError(save.error, "event")}
          onChange={(event) => {
            change({ event });
          }}
        />
      ) : (
        <TextInput
          label={t.goals.page}
          description={t.goals.pageHint}
          required
          withAsterisk={false}
          maxLength={500}
          value={draft.page}
          error={fieldError(save.error, "page")}
          onChange={(event) => {
            change({ page: event.currentTarget.value });
          }}
        />
      )}
      <TextInput
        label={t.goals.valueProperty}
        description={t.goals.valueHint}
        maxLength={200}
        value={draft.value}
        error={fieldError(save.error, "value_property")}
        onChange={(event) => {
          change({ value: event.currentTarget.value });
        }}
      />
    </FormDialog>
  );
}
