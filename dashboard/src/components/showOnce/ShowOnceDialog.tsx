import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import { IconDownload, IconKey } from "@tabler/icons-react";
import { t } from "../../texts";
import { CopyField } from "../text/CopyField";
import type { ShownOnce } from "./useShowOnce";

/** A secret, until its button is pressed. A chunk of its own, so that the sign-in page need not load dialogs. */
export default function ShowOnceDialog({ shown, onDone }: { shown: ShownOnce; onDone: () => void }) {
  return (
    <Modal
      opened
      onClose={() => undefined}
      title={shown.title}
      size="lg"
      zIndex={400}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Shown shown={shown} onDone={onDone} />
    </Modal>
  );
}

function Shown({ shown, onDone }: { shown: ShownOnce; onDone: () => void }) {
  return (
    <Stack>
      <Alert color="coral" icon={<IconKey size={18} />} title={t.showOnce.copyNow}>
        {shown.warning}
      </Alert>
      {shown.values.map(({ label, value }) => (
        <CopyField key={label} label={label} value={value} />
      ))}
      <Group justify="flex-end">
        {shown.fileName ? <Download shown={shown} fileName={shown.fileName} /> : null}
        <Button onClick={onDone} data-autofocus>
          {t.showOnce.copied}
        </Button>
      </Group>
    </Stack>
  );
}

function Download({ shown, fileName }: { shown: ShownOnce; fileName: string }) {
  const save = () => {
    const text = shown.values.map(({ label, value }) => `${label}\n${value}\n`).join("\n");
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = fileName;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <Button variant="default" leftSection={<IconDownload size={16} />} onClick={save}>
      {t.showOnce.download}
    </Button>
  );
}
