import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface AddButtonProps {
  /** "subtle" inside a group of fields that has a border. */
  variant?: "default" | "subtle";
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}

/** Below a list, or above it: add one more to it. */
export function AddButton({ variant = "default", disabled = false, onClick, children }: AddButtonProps) {
  return (
    <Button variant={variant} size="xs" style={{ alignSelf: "flex-start" }} leftSection={<IconPlus size={14} />} disabled={disabled} onClick={onClick}>
      {children}
    </Button>
  );
}
