import { Skeleton, type SkeletonProps } from "@mantine/core";
import { t } from "../../texts";

/** What stands for content that loads, by a name and role that assistive technology can say. */
export function LoadingSkeleton(props: SkeletonProps) {
  return <Skeleton role="status" aria-label={t.common.loading} {...props} />;
}
