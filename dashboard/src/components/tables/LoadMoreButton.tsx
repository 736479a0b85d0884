import { Button, Center } from "@mantine/core";

interface LoadMoreButtonProps {
  label: string;
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** Loads the next page of a list; nothing on the last page. */
export function LoadMoreButton({ label, list }: LoadMoreButtonProps) {
  if (!list.hasNextPage) return null;
  return (
    <Center mt="sm">
      <Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {label}
      </Button>
    </Center>
  );
}
