import { Text, UnstyledButton } from "@mantine/core";
import type { DeadLetter } from "../../api/requests/client";
import { exactTime } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";
import { ChoiceTable } from "./ChoiceTable";

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
  const rows = items.map((item) => ({
    key: keyOf(item),
    name: item.event_name ?? texts.noName,
    cells: [
      <OpenButton
        name={item.event_name ?? texts.noName}
        onOpen={() => {
          onOpen(item);
        }}
      />,
      projectName(item),
      <div>
        {texts.reasons[item.reason] ?? item.reason}
        <Text size="xs" c="dimmed" lineClamp={2} title={item.detail}>
          {item.detail}
        </Text>
      </div>,
      <span className="tm-figures">{exactTime(item.created_at, browserZone())}</span>,
    ],
  }));
  return (
    <ChoiceTable label={texts.title} columns={[texts.event, texts.project, texts.reason, texts.died]} rows={rows} chosen={chosen} onChoose={onChoose} />
  );
}

function OpenButton({ name, onOpen }: { name: string; onOpen: () => void }) {
  return (
    <UnstyledButton fz="sm" fw={500} c="var(--mantine-color-anchor)" aria-label={texts.show(name)} onClick={onOpen} style={{ overflowWrap: "anywhere" }}>
      <Text span inherit lineClamp={2}>
        {name}
      </Text>
    </UnstyledButton>
  );
}

/** The name of a dead letter's project. */
export function projectName({ project, project_id: id }: DeadLetter): string {
  if (project !== null) return project;
  return id === 0 ? texts.unknownProject : t.system.deletedProject(id);
}
