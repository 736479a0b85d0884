import { Button, Stack, Text, TextInput, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import type { Tile } from "../../api/insights/dashboards";
import { useSavedInsights } from "../../api/insights/savedInsights";
import type { MutationState } from "../../api/cache/useApiMutation";
import { FormDialog } from "../../components/forms/FormDialog";
import { t } from "../../texts";

const IDLE: MutationState = { isPending: false, error: null };
/** So many insights are listed at once; the search finds the others. */
const SHOWN = 50;

interface AddInsightProps {
  project: Project;
  tiles: readonly Tile[];
  mutation: MutationState;
  onAdd: (tile: Tile) => void;
  onClose: () => void;
}

/** The choice of a saved insight that the dashboard does not show yet. */
export function AddInsight({ project, tiles, mutation, onAdd, onClose }: AddInsightProps) {
  const saved = useSavedInsights(project.id);
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<number | null>(null);
  const others = (saved.data ?? []).filter(({ id }) => !tiles.some((tile) => tile.insight_id === id));
  const found = others.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={t.dashboards.addInsightTitle}
      mutation={mutation}
      submitLabel={t.dashboards.add}
      isReady={chosen !== null}
      onSubmit={() => {
        if (chosen !== null) onAdd({ insight_id: chosen, text: null, layout: { width: 6 }, projects: null });
      }}
    >
      <TextInput
        label={t.dashboards.search}
        value={search}
        data-autofocus
        onChange={(event) => {
          setSearch(event.currentTarget.value);
        }}
      />
      <Stack gap={4} mah={320} style={{ overflowY: "auto" }} role="group" aria-label={t.dashboards.addInsight}>
        {found.slice(0, SHOWN).map(({ id, name }) => (
          <Button
            key={id}
            variant={id === chosen ? "light" : "subtle"}
            color={id === chosen ? "" : "gray"}
            justify="start"
            aria-pressed={id === chosen}
            onClick={() => {
              setChosen(id);
            }}
          >
            {name}
          </Button>
        ))}
      </Stack>
      {saved.data && found.length === 0 ? (
        <Text size="sm" c="dimmed">
          {others.length === 0 ? t.dashboards.noInsights : t.dashboards.noneFound}
        </Text>
      ) : null}
    </FormDialog>
  );
}

interface EditTextProps {
  title: string;
  submitLabel: string;
  text?: string;
  mutation?: MutationState;
  onSubmit: (text: string) => void;
  onClose: () => void;
}

/** The text of a tile. */
export function EditText({ title, submitLabel, text: initial = "", mutation = IDLE, onSubmit, onClose }: EditTextProps) {
  const [text, setText] = useState(initial);
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={title}
      mutation={mutation}
      submitLabel={submitLabel}
      isReady={text.trim() !== ""}
      onSubmit={() => {
        onSubmit(text.trim());
      }}
    >
      <Textarea
        label={t.dashboards.text}
        description={t.dashboards.textHint}
        value={text}
        autosize
        minRows={4}
        maxRows={14}
        maxLength={5_000}
        data-autofocus
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
