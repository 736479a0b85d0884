import { Anchor, Button, Select, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLayoutDashboard } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/client";
import { useChangeDashboard, useCreateDashboard, useDashboards, type Dashboard, type Tile } from "../../api/dashboards";
import { FormDialog } from "../../components/FormDialog";
import { t } from "../../texts";

interface AddToDashboardProps {
  project: Project;
  insight: { id: number; name: string };
}

/** The button that puts a saved insight on a dashboard, or on a new one. */
export function AddToDashboard({ project, insight }: AddToDashboardProps) {
  const [opened, { open, close }] = useDisclosure();
  const [added, setAdded] = useState<Dashboard | null>(null);
  return (
    <>
      {added ? (
        <Text size="sm" role="status">
          <Anchor component={Link} size="sm" to={projectAddress(project.id, `/dashboards/${String(added.id)}`)}>
            {t.dashboards.addedTo(added.name)}
          </Anchor>
        </Text>
      ) : null}
      <Button variant="default" size="xs" leftSection={<IconLayoutDashboard size={15} />} onClick={open}>
        {t.dashboards.addTo}
      </Button>
      {opened ? (
        <ChooseDashboard
          project={project}
          insight={insight}
          onClose={close}
          onAdded={(dashboard) => {
            setAdded(dashboard);
            close();
          }}
        />
      ) : null}
    </>
  );
}

interface ChooseDashboardProps extends AddToDashboardProps {
  onClose: () => void;
  onAdded: (dashboard: Dashboard) => void;
}

function ChooseDashboard({ project, insight, onClose, onAdded }: ChooseDashboardProps) {
  const dashboards = useDashboards(project.id);
  const change = useChangeDashboard(project.id);
  const create = useCreateDashboard(project.id);
  const [key, setKey] = useState<string | null>(null);
  const [name, setName] = useState("");
  const tile: Tile = { insight_id: insight.id, text: null, layout: { width: 6 } };
  const chosen = dashboards.data?.find(({ id }) => String(id) === key);
  const submit = () => {
    if (chosen) {
      const items = [...chosen.tiles.items.filter((one) => one.insight_id !== insight.id), tile];
      change.mutate({ key: chosen.id, changes: { tiles: { items } } }, { onSuccess: onAdded });
    } else {
      create.mutate({ name: name.trim(), description: "", tiles: { items: [tile] } }, { onSuccess: onAdded });
    }
  };
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={t.dashboards.addToTitle(insight.name)}
      mutation={chosen ? change : create}
      submitLabel={t.dashboards.add}
      isReady={chosen !== undefined || name.trim() !== ""}
      onSubmit={submit}
    >
      {dashboards.data && dashboards.data.length > 0 ? (
        <Select
          label={t.dashboards.dashboard}
          data={dashboards.data.map((one) => ({ value: String(one.id), label: one.name }))}
          value={key}
          searchable
          clearable
          onChange={setKey}
        />
      ) : null}
      <TextInput
        label={dashboards.data?.length === 0 ? t.dashboards.firstName : t.dashboards.newName}
        value={name}
        maxLength={200}
        disabled={chosen !== undefined}
        data-autofocus
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
