import { Button, Group, Modal, Text } from "@mantine/core";
import { t } from "../texts";

/** Asks whether to leave a page with unsaved changes. */
export default function LeaveDialog({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  return (
    <Modal opened onClose={onStay} title={t.shell.leave.title} zIndex={350} closeButtonProps={{ "aria-label": t.common.close }}>
      <Text size="sm">{t.shell.leave.note}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onLeave}>
          {t.shell.leave.leave}
        </Button>
        <Button onClick={onStay} data-autofocus>
          {t.shell.leave.stay}
        </Button>
      </Group>
    </Modal>
  );
}
