import { SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useCreateFilledDashboard, type NewTile } from "../../api/insights/dashboards";
import { useProjectQuery } from "../../api/cache/useProjectQuery";
import { FormDialog } from "../../components/forms/FormDialog";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { leftOut, matchEvents, planTiles, TEMPLATES, type ChosenEvents, type PlannedTile, type TemplateName } from "./templates";

const NAMES = Object.entries(t.dashboards.templates.names).map(([value, label]) => ({ value, label }));
/** The option for no event. Names of events have no line breaks. */
const NONE = "\n";
/** Options shown at once; the search finds the others. */
const MAX_OPTIONS = 100;

/** A dashboard from a template, with the events that the project has. */
export default function TemplateDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const create = useCreateFilledDashboard(project.id);
  const events = useProjectQuery(project.id, "definitions/events", {});
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<TemplateName>("website");
  const [name, setName] = useState<string | null>(null);
  const [changed, setChanged] = useState<ChosenEvents>({});
  const names = events.data?.items.filter(({ hidden }) => !hidden).map((one) => one.name) ?? [];
  const template = TEMPLATES[chosen];
  const mapped = { ...matchEvents(template, names), ...changed };
  const tiles = planTiles(template, mapped);
  const insights = tiles.filter((tile) => "insight" in tile).length;
  const shownName = name ?? t.dashboards.templates.names[chosen];
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={t.dashboards.fromTemplate}
      mutation={create}
      submitLabel={t.dashboards.created}
      isReady={shownName.trim() !== "" && events.data !== undefined}
      onSubmit={() => {
        create.mutate(
          { name: shownName.trim(), tiles: tiles.map(newTile) },
          { onSuccess: ({ id }) => void navigate(projectAddress(project.id, `/dashboards/${String(id)}`)) },
        );
      }}
    >
      <Stack gap={4}>
        <Text size="sm" fw={500} id="template">
          {t.dashboards.template}
        </Text>
        <SegmentedControl
          fullWidth
          aria-labelledby="template"
          data={NAMES}
          value={chosen}
          onChange={(value) => {
            setChosen(value as TemplateName);
            setChanged({});
          }}
        />
      </Stack>
      <TextInput
        label={t.dashboards.name}
        value={shownName}
        maxLength={200}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      {events.error && !events.data ? <ErrorAlert error={events.error} retry={() => void events.refetch()} /> : null}
      {events.data === undefined && !events.error ? <LoadingSkeleton height={180} /> : null}
      {events.data ? (
        <Stack gap="xs" role="group" aria-label={t.dashboards.templateEvents}>
          <Text size="sm">{t.dashboards.templateEventsNote}</Text>
          {template.events.map(({ key }) => (
            <Select
              key={key}
              label={t.dashboards.templates.events[key]}
              data={[{ value: NONE, label: t.dashboards.notInProject }, ...names]}
              limit={MAX_OPTIONS}
              searchable
              allowDeselect={false}
              nothingFoundMessage={t.insights.noSuchEvent}
              value={mapped[key] || NONE}
              onChange={(event) => {
                setChanged({ ...changed, [key]: event === null || event === NONE ? "" : event });
              }}
            />
          ))}
        </Stack>
      ) : null}
      <Text size="sm" role="status">
        {t.dashboards.willCreate(insights, leftOut(template, mapped))}
      </Text>
    </FormDialog>
  );
}

function newTile(tile: PlannedTile): NewTile {
  return "text" in tile ? { text: tile.text, layout: { width: 12 } } : { insight: tile.insight, layout: { width: tile.width } };
}
