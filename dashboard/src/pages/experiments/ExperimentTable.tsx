import { ActionIcon, Anchor, Badge, Group, ScrollArea, Table, Text } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/client";
import type { Experiment } from "../../api/experiments";
import { dayName } from "../../format/time";
import { useNow } from "../../components/useNow";
import { t } from "../../texts";
import { statusName, statusOf } from "./experimentStatus";

interface ExperimentTableProps {
  project: Project;
  experiments: readonly Experiment[];
  canEdit: boolean;
  onEdit: (experiment: Experiment) => void;
  onDelete: (experiment: Experiment) => void;
}

const COLOURS = { planned: "gray", running: "tide", ended: "gray", shipped: "tide", rolled_back: "coral" } as const;

/** The experiments of a project, and how each stands. */
export function ExperimentTable({ project, experiments, canEdit, onEdit, onDelete }: ExperimentTableProps) {
  const { columns } = t.experiments;
  const now = useNow();
  return (
    <ScrollArea type="auto" scrollbarSize={8} viewportProps={{ tabIndex: 0, role: "group", "aria-label": t.experiments.title }}>
      <Table verticalSpacing="var(--tm-cell)" captionSide="bottom">
        <Table.Caption ta="left">{t.experiments.count(experiments.length)}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{columns.name}</Table.Th>
            <Table.Th scope="col">{columns.status}</Table.Th>
            <Table.Th scope="col">{columns.metric}</Table.Th>
            <Table.Th scope="col">{columns.began}</Table.Th>
            {canEdit ? <Table.Th aria-label={t.experiments.actions} /> : null}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {experiments.map((one) => (
            <Table.Tr key={one.id}>
              <Table.Th scope="row" fw={400} miw={180} style={{ overflowWrap: "anywhere" }}>
                <Anchor component={Link} to={projectAddress(project.id, `/experiments/${one.id}`)} size="sm" fw={550}>
                  {one.name}
                </Anchor>
                <Text size="xs" c="dimmed">
                  {t.experiments.onFlag(one.flag_key)}
                </Text>
              </Table.Th>
              <Table.Td miw={130}>
                <Badge variant="light" tt="none" color={COLOURS[statusOf(one, now)]} maw={220}>
                  {statusName(one, now)}
                </Badge>
              </Table.Td>
              <Table.Td miw={130} style={{ overflowWrap: "anywhere" }}>
                <Text size="sm">{(one.metrics.find(({ role }) => role === "primary") ?? one.metrics[0])?.name}</Text>
              </Table.Td>
              <Table.Td miw={110}>
                <Text size="sm">{dayName(one.starts_at, project.timezone)}</Text>
              </Table.Td>
              {canEdit ? (
                <Table.Td>
                  <Group gap={4} justify="flex-end" wrap="nowrap">
                    <ActionIcon variant="subtle" color="gray" aria-label={t.experiments.editOf(one.name)} onClick={() => { onEdit(one); }}>
                      <IconPencil size={16} />
                    </ActionIcon>
                    <ActionIcon variant="subtle" color="gray" aria-label={t.experiments.deleteOf(one.name)} onClick={() => { onDelete(one); }}>
                      <IconTrash size={16} />
                    </ActionIcon>
                  </Group>
                </Table.Td>
              ) : null}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
