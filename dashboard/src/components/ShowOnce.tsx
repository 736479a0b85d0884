import { Alert, Button, Stack } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { CopyField } from "./CopyField";

interface ShowOnceProps {
  secretKey: string;
  onDone: () => void;
  children?: ReactNode;
}

/** A secret key at the only moment it can be seen; it leaves the screen by the button alone. */
export function ShowOnce({ secretKey, onDone, children }: ShowOnceProps) {
  return (
    <Stack>
      <Alert color="coral" icon={<IconKey size={18} />} title="Copy the secret key now: it is not shown again">
        Tidemark keeps only a fingerprint of it. If it is lost, replace it in the settings.
      </Alert>
      {children}
      <CopyField label="Secret key (for your servers only)" value={secretKey} />
      <Button onClick={onDone}>I have copied it</Button>
    </Stack>
  );
}
