import { Switch, Text, VisuallyHidden } from "@mantine/core";
import { t } from "../../texts";

interface SwitchNowProps {
  /** What is switched, for screen readers. */
  label: string;
  isOn: boolean;
  /** Why the last change was refused. */
  error: Error | null;
  onChange: (isOn: boolean) => void;
}

/** A switch whose change is sent at once. */
export function SwitchNow({ label, isOn, error, onChange }: SwitchNowProps) {
  return (
    <>
      <Switch
        label={<VisuallyHidden>{label}</VisuallyHidden>}
        onLabel={t.common.on}
        offLabel={t.common.off}
        size="md"
        checked={isOn}
        onChange={(event) => {
          onChange(event.currentTarget.checked);
        }}
      />
      {error ? (
        <Text size="xs" role="alert" c="var(--tm-down)">
          {error.message}
        </Text>
      ) : null}
    </>
  );
}
