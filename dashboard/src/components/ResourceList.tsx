import { Skeleton, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorAlert } from "./ErrorAlert";
import classes from "./ResourceList.module.css";

interface ResourceListProps<Item> {
  label: string;
  list: { data: readonly Item[] | undefined; error: Error | null; refetch: () => unknown };
  /** What to say when there is nothing. */
  empty: ReactNode;
  children: (item: Item) => ReactNode;
}

/** A list that comes from the server: while it loads, when it fails, when it is empty, and else. */
export function ResourceList<Item>({ label, list, empty, children }: ResourceListProps<Item>) {
  const { data, error } = list;
  return (
    <>
      {error ? (
        <ErrorAlert
          title={data ? "This list is no longer fresh" : "This list could not be loaded"}
          error={error}
          retry={() => void list.refetch()}
        />
      ) : null}
      {!data && !error ? (
        <Stack aria-busy="true" aria-label={`Loading: ${label}`}>
          <Skeleton height={36} />
          <Skeleton height={36} />
        </Stack>
      ) : null}
      {data?.length === 0 ? (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      ) : null}
      {data && data.length > 0 ? (
        <ul className={classes.rows} aria-label={label}>
          {data.map(children)}
        </ul>
      ) : null}
    </>
  );
}

interface ResourceListItemProps {
  name: ReactNode;
  /** Small marks beside the name. */
  marks?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  /** Below all of it, in full width. */
  children?: ReactNode;
}

/** One of them. */
export function ResourceListItem({ name, marks, note, actions, children }: ResourceListItemProps) {
  return (
    <li className={classes.row}>
      <div className={classes.words}>
        <div className={classes.name}>
          <span>{name}</span>
          {marks}
        </div>
        {note ? <div className={classes.note}>{note}</div> : null}
      </div>
      {actions ? <div className={classes.actions}>{actions}</div> : null}
      {children ? <div style={{ flexBasis: "100%", minWidth: 0 }}>{children}</div> : null}
    </li>
  );
}
