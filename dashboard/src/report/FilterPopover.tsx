import { Button, Popover, Skeleton } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { cloneElement, lazy, Suspense, useState, type ReactElement, type RefObject } from "react";
import { NEW_CONDITION, type Condition } from "./filters";

// Its controls are for those who filter; a report is read without them.
const ConditionForm = lazy(() => import("./ConditionForm"));

interface FilterPopoverProps {
  projectId: number;
  label: string;
  /** The condition to edit; none: a new one. */
  condition?: Condition;
  onApply: (condition: Condition) => void;
  /** The button that opens it; by default one with the label. */
  buttonRef?: RefObject<HTMLButtonElement | null>;
  target?: ReactElement<{ onClick?: () => void; "aria-label"?: string }>;
}

/** A button, and the form of one filter: property, operator and values. */
export function FilterPopover({ projectId, label, condition, onApply, buttonRef, target }: FilterPopoverProps) {
  const [isOpen, setOpen] = useState(false);
  const toggle = () => {
    setOpen(!isOpen);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" width={320} trapFocus returnFocus>
      <Popover.Target>
        {target ? (
          cloneElement(target, { onClick: toggle, "aria-label": label })
        ) : (
          <Button ref={buttonRef} variant="default" size="xs" leftSection={<IconFilter size={15} stroke={1.7} />} onClick={toggle}>
            {label}
          </Button>
        )}
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>
        <Suspense fallback={<Skeleton height={220} />}>
          <ConditionForm
            projectId={projectId}
            condition={condition ?? NEW_CONDITION}
            onApply={(chosen) => {
              setOpen(false);
              onApply(chosen);
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
