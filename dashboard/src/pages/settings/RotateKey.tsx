import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { KeyKind } from "../../api/client";
import { useRotateKey } from "../../api/projects";
import { CopyField } from "../../components/CopyField";
import { Problem } from "../../components/Problem";
import { ShowOnce } from "../../components/ShowOnce";

/** Replace a key, after asking; a new secret key is shown here and never again. */
export function RotateKey({ projectId, kind }: { projectId: number; kind: KeyKind }) {
  const [opened, { open, close }] = useDisclosure();
  const rotate = useRotateKey(projectId);
  const finish = () => {
    close();
    rotate.reset();
  };
  const made = rotate.data;
  return (
    <>
      <Button variant="default" size="xs" onClick={open}>
        Replace the {kind} key
      </Button>
      <Modal
        opened={opened}
        onClose={finish}
        title={made ? `New ${kind} key` : `Replace the ${kind} key?`}
        withCloseButton={!made && !rotate.isPending}
        closeOnClickOutside={!made && !rotate.isPending}
        closeOnEscape={!made && !rotate.isPending}
      >
        {made && kind === "secret" ? <ShowOnce secretKey={made.key} onDone={finish} /> : null}
        {made && kind === "public" ? (
          <Stack>
            <CopyField label="Public key" value={made.key} />
            <Button onClick={finish}>Done</Button>
          </Stack>
        ) : null}
        {made ? null : (
          <Confirmation
            kind={kind}
            error={rotate.error}
            isPending={rotate.isPending}
            onKeep={finish}
            onReplace={() => {
              rotate.mutate(kind);
            }}
          />
        )}
      </Modal>
    </>
  );
}

interface ConfirmationProps {
  kind: KeyKind;
  error: Error | null;
  isPending: boolean;
  onKeep: () => void;
  onReplace: () => void;
}

const CONSEQUENCE: Record<KeyKind, string> = {
  public: "Pages and apps that still send with the old key are refused, and their events are lost, until they have the new one.",
  secret: "Servers that still use the old key are refused until they have the new one.",
};

function Confirmation({ kind, error, isPending, onKeep, onReplace }: ConfirmationProps) {
  return (
    <Stack>
      {error ? <Problem error={error} /> : null}
      <Text size="sm">The key in use stops working within seconds. {CONSEQUENCE[kind]}</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onKeep} disabled={isPending}>
          Keep it
        </Button>
        <Button color="coral" loading={isPending} onClick={onReplace}>
          Replace it
        </Button>
      </Group>
    </Stack>
  );
}
