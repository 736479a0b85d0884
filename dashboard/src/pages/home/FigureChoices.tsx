import { Button, Checkbox, Stack, Text } from "@mantine/core";
import { useGoals } from "../../api/insights/goals";
import type { KeyMetrics } from "../../api/reports/home";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { shownMetrics } from "./figures";
import { DEFAULT_FIGURES, describeFigure, MAX_FIGURES, offeredFigures, type FigureName } from "./homeFigures";

export interface FigureChoicesProps {
  projectId: number;
  /** null: the default ones. */
  chosen: readonly FigureName[] | null;
  answer: KeyMetrics | undefined;
  onChange: (names: readonly FigureName[] | null) => void;
}

/** Every figure that Home can show, each with a checkbox. */
export function FigureChoices({ projectId, chosen, answer, onChange }: FigureChoicesProps) {
  const list = useGoals(projectId);
  const goals = list.data ?? [];
  const texts = t.home.figures;
  const shown = chosen ?? (answer ? shownMetrics(answer, false).map(({ metric }) => metric as FigureName) : DEFAULT_FIGURES);
  const offered = offeredFigures(goals);
  // A goal that is gone takes no place.
  const marked = list.data ? shown.filter((name) => offered.includes(name)) : shown;
  return (
    <Stack gap="sm">
      <Checkbox.Group
        label={texts.label}
        description={texts.hint(MAX_FIGURES)}
        value={[...marked]}
        onChange={(names) => {
          onChange([...marked.filter((name) => names.includes(name)), ...offered.filter((name) => names.includes(name) && !marked.includes(name))]);
        }}
      >
        <Stack gap={8} mt="sm" mah={320} style={{ overflowY: "auto" }}>
          {offered.map((name) => (
            <Checkbox
              key={name}
              size="xs"
              value={name}
              label={describeFigure(name, goals).name}
              disabled={marked.includes(name) ? marked.length === 1 : marked.length >= MAX_FIGURES}
            />
          ))}
        </Stack>
      </Checkbox.Group>
      {list.error ? <ErrorAlert title={t.goals.notLoaded} error={list.error} retry={() => void list.refetch()} /> : null}
      {list.data?.length === 0 ? (
        <Text size="xs" c="dimmed">
          {texts.noGoals}
        </Text>
      ) : null}
      {chosen === null ? null : (
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            onChange(null);
          }}
        >
          {texts.reset}
        </Button>
      )}
    </Stack>
  );
}
