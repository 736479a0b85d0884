import { Table } from "@mantine/core";
import { t } from "../../texts";
import type { FieldChange } from "./flagChanges";
import classes from "./FlagsPage.module.css";

/** What a change of a flag does to each field, before and after. */
export function FieldChanges({ name, changes }: { name: string; changes: readonly FieldChange[] }) {
  const { diff } = t.flags;
  return (
    <Table fz="sm" aria-label={t.flags.changesOf(name)} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{diff.field}</Table.Th>
          <Table.Th scope="col">{diff.before}</Table.Th>
          <Table.Th scope="col">{diff.after}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {changes.map(({ label, before, after }) => (
          <Table.Tr key={label}>
            <Table.Th scope="row" fw={400}>
              {label}
            </Table.Th>
            <Table.Td>
              <Lines of={before} />
            </Table.Td>
            <Table.Td>
              <Lines of={after} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Lines({ of: lines }: { of: readonly string[] }) {
  return lines.map((line, index) => (
    <p key={index} className={classes.change} dir="auto">
      {line}
    </p>
  ));
}
