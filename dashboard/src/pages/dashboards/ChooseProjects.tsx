import { Checkbox, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import type { TileProjects } from "../../api/insights/dashboards";
import { useProjects } from "../../api/projects/projects";
import type { MutationState } from "../../api/cache/useApiMutation";
import { FormDialog } from "../../components/forms/FormDialog";
import { t } from "../../texts";

const IDLE: MutationState = { isPending: false, error: null };

interface ChooseProjectsProps {
  project: Project;
  chosen: TileProjects | null;
  /** null: only the dashboard's own project. */
  onSubmit: (projects: TileProjects | null) => void;
  onClose: () => void;
}

/** The choice of the projects that a tile asks. */
export function ChooseProjects({ project, chosen, onSubmit, onClose }: ChooseProjectsProps) {
  const projects = useProjects().data ?? [];
  const [ids, setIds] = useState<readonly number[]>(chosen?.ids ?? [project.id]);
  const [combine, setCombine] = useState<string>(chosen?.combine ?? "lines");
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={t.dashboards.projects}
      mutation={IDLE}
      submitLabel={t.dashboards.save}
      isReady={ids.length > 0}
      onSubmit={() => {
        const isOwnOnly = ids.length === 1 && ids[0] === project.id;
        onSubmit(isOwnOnly ? null : { ids: [...ids], combine: combine === "sum" ? "sum" : "lines" });
      }}
    >
      <Text size="sm">{t.dashboards.projectsNote(project.timezone)}</Text>
      <Checkbox.Group
        label={t.dashboards.projects}
        value={ids.map(String)}
        onChange={(values) => {
          setIds(values.map(Number));
        }}
      >
        <Stack gap={6} mt={6} mah={300} style={{ overflowY: "auto" }}>
          {projects.map(({ id, name, timezone }) => (
            <Checkbox
              key={id}
              value={String(id)}
              label={name}
              styles={{ label: { overflowWrap: "anywhere" } }}
              {...(timezone === project.timezone ? {} : { disabled: !ids.includes(id), description: t.dashboards.daysElsewhere(timezone) })}
            />
          ))}
        </Stack>
      </Checkbox.Group>
      <Stack gap={4}>
        <Text size="sm" fw={500} id="combine-projects">
          {t.dashboards.combine}
        </Text>
        <SegmentedControl
          aria-labelledby="combine-projects"
          data={[
            { value: "lines", label: t.dashboards.lines },
            { value: "sum", label: t.dashboards.sum },
          ]}
          value={combine}
          onChange={setCombine}
        />
      </Stack>
      {combine === "sum" ? (
        <Text size="sm" c="dimmed">
          {t.dashboards.sumNote}
        </Text>
      ) : null}
    </FormDialog>
  );
}
