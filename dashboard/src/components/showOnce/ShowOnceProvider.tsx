import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import { IconDownload, IconKey } from "@tabler/icons-react";
import { useIsMutating } from "@tanstack/react-query";
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { SHOWS_ONCE } from "../../api/useApiMutation";
import { t } from "../../texts";
import { CopyField } from "../CopyField";
import { ShowOnceContext, type ShownOnce } from "./useShowOnce";

/**
 * Keep a secret on the screen, whatever page is open by then, until its button is pressed. The browser
 * asks before it closes the page while a secret is shown or on its way.
 */
export function ShowOnceProvider({ children }: { children: ReactNode }) {
  const [queue, setQueue] = useState<readonly ShownOnce[]>([]);
  const isPending = useIsMutating({ mutationKey: SHOWS_ONCE }) > 0;
  useLeaveWarning(isPending || queue.length > 0);
  const show = useCallback((shown: ShownOnce) => {
    setQueue((before) => [...before, shown]);
  }, []);
  const [first] = queue;
  return (
    <ShowOnceContext value={show}>
      {children}
      <Modal
        opened={first !== undefined}
        onClose={() => undefined}
        title={first?.title}
        size="lg"
        zIndex={400}
        withCloseButton={false}
        closeOnClickOutside={false}
        closeOnEscape={false}
      >
        {first ? (
          <Shown
            shown={first}
            onDone={() => {
              setQueue((before) => before.slice(1));
            }}
          />
        ) : null}
      </Modal>
    </ShowOnceContext>
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

function useLeaveWarning(isNeeded: boolean) {
  useEffect(() => {
    if (!isNeeded) return undefined;
    const warn = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
    };
  }, [isNeeded]);
}
