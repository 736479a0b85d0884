import { Button, Group, Select, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { useDecideExperiment, useSaveExperiment, type Experiment } from "../../api/flags/experiments";
import { FormDialog } from "../../components/forms/FormDialog";
import { Panel } from "../../components/page/Panel";
import { exactTime } from "../../format/time";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { statusName } from "./experimentStatus";

interface DecisionPanelProps {
  project: Project;
  experiment: Experiment;
  canEdit: boolean;
  hasBegun: boolean;
  /** The variant that is better than the control: shipping it is what is next. null: none is yet. */
  winner: string | null;
}

/** What was decided, the note on it, and the means to decide. */
export function DecisionPanel({ project, experiment, canEdit, hasBegun, winner }: DecisionPanelProps) {
  const [asked, setAsked] = useState<"ship" | "rollBack" | null>(null);
  const { decided_at: at } = experiment;
  return (
    <Panel title={t.experiments.decision}>
      <Stack gap="sm">
        <Text size="sm">{at === null ? t.experiments.noDecision : `${statusName(experiment, 0)}, ${exactTime(at, project.timezone)}`}</Text>
        {canEdit ? (
          <>
            <Note key={experiment.updated_at} project={project} experiment={experiment} />
            {hasBegun ? (
              <Group gap="xs">
                <Button size="xs" variant={winner === null ? "default" : "filled"} onClick={() => { setAsked("ship"); }}>
                  {t.experiments.ship}
                </Button>
                <Button size="xs" variant="default" onClick={() => { setAsked("rollBack"); }}>
                  {t.experiments.rollBack}
                </Button>
              </Group>
            ) : null}
          </>
        ) : (
          <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {experiment.decision}
          </Text>
        )}
      </Stack>
      {asked === null ? null : (
        <DecisionDialog
          project={project}
          experiment={experiment}
          isShipped={asked === "ship"}
          winner={winner}
          onClose={() => {
            setAsked(null);
          }}
        />
      )}
    </Panel>
  );
}

function Note({ project, experiment }: { project: Project; experiment: Experiment }) {
  const [note, setNote] = useState(experiment.decision);
  const save = useSaveExperiment(project.id, experiment.id);
  return (
    <>
      {save.error ? <ErrorAlert title={t.errors.notSaved} error={save.error} /> : null}
      <Textarea
        label={t.experiments.decisionNote}
        autosize
        minRows={2}
        maxLength={5_000}
        value={note}
        onChange={(event) => {
          setNote(event.currentTarget.value);
        }}
      />
      <Button
        size="xs"
        variant="default"
        style={{ alignSelf: "flex-start" }}
        disabled={note === experiment.decision}
        loading={save.isPending}
        onClick={() => {
          save.mutate({ decision: note });
        }}
      >
        {t.experiments.saveNote}
      </Button>
    </>
  );
}

interface DecisionDialogProps {
  project: Project;
  experiment: Experiment;
  /** Whether a variant is shipped; else the flag is turned off. */
  isShipped: boolean;
  winner: string | null;
  onClose: () => void;
}

function DecisionDialog({ project, experiment, isShipped, winner, onClose }: DecisionDialogProps) {
  const { name, flag_key: flag, variants } = experiment;
  const decide = useDecideExperiment(project.id, experiment.id);
  const [variant, setVariant] = useState(winner ?? variants[1]?.key ?? "");
  const [decision, setDecision] = useState(experiment.decision);
  const texts = t.experiments;
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={isShipped ? texts.shipTitle(name) : texts.rollBackTitle(name)}
      mutation={decide}
      fields={["variant", "decision"]}
      submitLabel={isShipped ? texts.ship : texts.rollBack}
      isDestructive={!isShipped}
      onSubmit={() => {
        decide.mutate({ variant: isShipped ? variant : null, decision }, { onSuccess: onClose });
      }}
    >
      <Text size="sm">{isShipped ? texts.shipNote(flag) : texts.rollBackNote(flag)}</Text>
      {isShipped ? (
        <Select
          label={texts.shipVariant}
          allowDeselect={false}
          data={variants.map(({ key }) => key)}
          value={variant}
          error={fieldError(decide.error, "variant")}
          onChange={(value) => {
            if (value) setVariant(value);
          }}
        />
      ) : null}
      <Textarea
        label={texts.decisionNote}
        autosize
        minRows={2}
        maxLength={5_000}
        value={decision}
        error={fieldError(decide.error, "decision")}
        onChange={(event) => {
          setDecision(event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
