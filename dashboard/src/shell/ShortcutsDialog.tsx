import { Kbd, Modal, Table } from "@mantine/core";
import { t } from "../texts";

/** Lists the keys of the dashboard. */
export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={t.shell.shortcuts.title} size="sm">
      <Table>
        <Table.Tbody>
          {t.shell.shortcuts.keys.map(({ keys, does }) => (
            <Table.Tr key={does}>
              <Table.Td>{keys.map((key) => <Kbd key={key} mr={4}>{key}</Kbd>)}</Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
