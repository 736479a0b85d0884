import { Skeleton, Stack } from "@mantine/core";
import { t } from "../../texts";

/** What a list will look like, while it loads. */
export function ListSkeleton() {
  return (
    <Stack gap={8} role="status" aria-busy="true" aria-label={t.common.loading}>
      {[1, 2, 3, 4, 5, 6].map((index) => (
        <Skeleton key={index} height={36} />
      ))}
    </Stack>
  );
}
