import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import type { ApiKey } from "../../api/client";
import { fieldError } from "../../api/errors";
import { useReplaceKey } from "../../api/keys";
import { FormErrorAlert } from "../../components/FormErrorAlert";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { secretKeyOnce } from "./secretKeyOnce";

/** What a key is called: its name, or its kind where it has none. */
export function keyName(key: Pick<ApiKey, "name" | "kind">): string {
  return key.name || `${key.kind === "secret" ? "Secret" : "Public"} key`;
}

/** Hours that the old key still works. */
const GRACE = [
  { value: "0", label: "Not at all: it ends at once" },
  { value: "1", label: "1 hour" },
  { value: "24", label: "1 day" },
  { value: "72", label: "3 days" },
  { value: "168", label: "7 days" },
  { value: "720", label: "30 days" },
];
const USUAL_GRACE = "24";

/** Replace a key, with time to bring the new one to where the old one is used. */
export function ReplaceKey({ projectId, apiKey: key }: { projectId: number; apiKey: ApiKey }) {
  const [opened, { open, close }] = useDisclosure();
  const [grace, setGrace] = useState(USUAL_GRACE);
  const showOnce = useShowOnce();
  const replace = useReplaceKey(projectId, key.id, (made) => {
    const shown = secretKeyOnce(made);
    if (shown) showOnce(shown);
  });
  const leave = () => {
    close();
    setGrace(USUAL_GRACE);
    replace.reset();
  };
  return (
    <>
      <Button variant="default" size="xs" onClick={open} aria-label={`Replace ${keyName(key)} (${key.prefix}…)`}>
        Replace
      </Button>
      <Modal
        opened={opened}
        onClose={leave}
        title={`Replace ${keyName(key)}?`}
        withCloseButton={!replace.isPending}
        closeOnClickOutside={!replace.isPending}
        closeOnEscape={!replace.isPending}
      >
        <Stack>
          <FormErrorAlert error={replace.error} fields={["grace_hours"]} title="Not replaced" />
          <Text size="sm">
            You get a new key in place of <code>{key.prefix}…</code>. Bring it to where the old one is used before that
            one ends.
          </Text>
          <Select
            label="The old key still works for"
            data={GRACE}
            value={grace}
            allowDeselect={false}
            error={fieldError(replace.error, "grace_hours")}
            onChange={(hours) => {
              if (hours) setGrace(hours);
            }}
          />
          {grace === "0" ? (
            <Text size="sm">
              {key.kind === "public"
                ? "Pages and apps that still send with the old key are refused, and their events are lost, until they have the new one."
                : "Servers that still use the old key are refused until they have the new one."}
            </Text>
          ) : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={leave} disabled={replace.isPending} data-autofocus>
              Keep it
            </Button>
            <Button
              color="coral"
              loading={replace.isPending}
              onClick={() => {
                replace.mutate(Number(grace), { onSuccess: leave });
              }}
            >
              Replace it
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
