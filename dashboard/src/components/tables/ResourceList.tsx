import { Skeleton, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { t } from "../../texts";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { Name } from "../text/Name";
import classes from "./ResourceList.module.css";

interface ResourceListProps<Item> {
  label: string;
  list: { data: readonly Item[] | undefined; error: Error | null; refetch: () => unknown };
  /** What to say when the list is empty. */
  empty: ReactNode;
  children: (item: Item) => ReactNode;
}

/** A list from the server, also while it loads, when it fails and when it is empty. */
export function ResourceList<Item>({ label, list, empty, children }: ResourceListProps<Item>) {
  const { data, error } = list;
  return (
    <>
      {error ? (
        <ErrorAlert
          title={data ? t.errors.outdatedList : t.errors.listNotLoaded}
          error={error}
          retry={() => void list.refetch()}
        />
      ) : null}
      {!data && !error ? (
        <Stack role="status" aria-busy="true" aria-label={t.common.loadingOf(label)}>
          <Skeleton height={36} />
          <Skeleton height={36} />
        </Stack>
      ) : null}
      {data?.length === 0 ? (
        <Text size="sm" c="dimmed" component="div">
          {empty}
        </Text>
      ) : null}
      {data && data.length > 0 ? (
        <ul className={classes.list} aria-label={label}>
          {data.map(children)}
        </ul>
      ) : null}
    </>
  );
}

interface ResourceListItemProps {
  name: ReactNode;
  /** Badges beside the name. */
  badges?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  /** Below the other parts, in full width. */
  children?: ReactNode;
}

/** One item of a `ResourceList`. */
export function ResourceListItem({ name, badges, note, actions, children }: ResourceListItemProps) {
  return (
    <li className={classes.item}>
      <div className={classes.text}>
        <div className={classes.name}>
          <span>{typeof name === "string" ? <Name>{name}</Name> : name}</span>
          {badges}
        </div>
        {note ? <div className={classes.note}>{note}</div> : null}
      </div>
      {actions ? <div className={classes.actions}>{actions}</div> : null}
      {children ? <div style={{ flexBasis: "100%", minWidth: 0 }}>{children}</div> : null}
    </li>
  );
}
