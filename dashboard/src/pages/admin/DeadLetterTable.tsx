import { Checkbox, ScrollArea, Table, Text, UnstyledButton } from "@mantine/core";
import type { DeadLetter } from "../../api/client";
import { exactTime } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";

const texts = t.deadLetters;

/** What tells a dead letter from all others. */
export function keyOf({ project_id: projectId, id }: DeadLetter): string {
  return `${String(projectId)}/${String(id)}`;
}

interface DeadLetterTableProps {
  items: readonly DeadLetter[];
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onOpen: (item: DeadLetter) => void;
}

/** A list of dead letters, of which some can be chosen. */
export function DeadLetterTable({ items, chosen, onChoose, onOpen }: DeadLetterTableProps) {
  const areAllChosen = items.every((item) => chosen.has(keyOf(item)));
  return (
    <ScrollArea type="auto" scrollbarSize={8} viewportProps={{ tabIndex: 0, role: "group", "aria-label": texts.title }}>
      <Table fz="sm" verticalSpacing="var(--tm-cell)" miw={620}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={36}>
              <Checkbox
                size="xs"
                aria-label={texts.selectAll}
                checked={areAllChosen}
                indeterminate={!areAllChosen && chosen.size > 0}
                onChange={() => {
                  onChoose(new Set(areAllChosen ? [] : items.map(keyOf)));
                }}
              />
            </Table.Th>
            {[texts.event, texts.project, texts.reason, texts.died].map((label) => (
              <Table.Th key={label} scope="col">
                {label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Row
              key={keyOf(item)}
              item={item}
              isChosen={chosen.has(keyOf(item))}
              onToggle={() => {
                const next = new Set(chosen);
                if (!next.delete(keyOf(item))) next.add(keyOf(item));
                onChoose(next);
              }}
              onOpen={() => {
                onOpen(item);
              }}
            />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function Row({ item, isChosen, onToggle, onOpen }: { item: DeadLetter; isChosen: boolean; onToggle: () => void; onOpen: () => void }) {
  const name = item.event_name ?? texts.noName;
  return (
    <Table.Tr>
      <Table.Td>
        <Checkbox size="xs" aria-label={texts.select(name)} checked={isChosen} onChange={onToggle} />
      </Table.Td>
      <Table.Th scope="row" fw={500} maw={260}>
        <UnstyledButton fz="sm" fw={500} c="var(--mantine-color-anchor)" aria-label={texts.show(name)} onClick={onOpen} style={{ overflowWrap: "anywhere" }}>
          <Text span inherit lineClamp={2}>
            {name}
          </Text>
        </UnstyledButton>
      </Table.Th>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{projectName(item)}</Table.Td>
      <Table.Td>
        {texts.reasons[item.reason] ?? item.reason}
        <Text size="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: "anywhere" }} title={item.detail}>
          {item.detail}
        </Text>
      </Table.Td>
      <Table.Td className="tm-figures">{exactTime(item.created_at, browserZone())}</Table.Td>
    </Table.Tr>
  );
}

/** The name of a dead letter's project. */
export function projectName({ project, project_id: id }: DeadLetter): string {
  if (project !== null) return project;
  return id === 0 ? texts.unknownProject : t.system.deletedProject(id);
}
