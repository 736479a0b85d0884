import { Button, Popover, Skeleton } from "@mantine/core";
import { IconBookmark } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { t } from "../texts";
import type { SegmentListProps } from "./SegmentList";

const SegmentList = lazy(() => import("./SegmentList"));

/** A button, and the list of segments. */
export function SegmentMenu({ project, report }: SegmentListProps) {
  const [isOpen, setOpen] = useState(false);
  const { ids } = report.segments;
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" width={320} trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconBookmark size={15} stroke={1.7} />}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          {ids.length === 0 ? t.report.segments : t.report.segmentsOf(ids.length)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.report.segments}>
        <Suspense fallback={<Skeleton height={24} />}>
          <SegmentList project={project} report={report} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
