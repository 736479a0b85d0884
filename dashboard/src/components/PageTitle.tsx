import { Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import classes from "./PageTitle.module.css";

interface PageTitleProps {
  title: string;
  /** What stands in the browser's tab before the product's name; the title when missing. */
  tab?: string;
  note?: ReactNode;
  actions?: ReactNode;
}

/** A page's heading, and what one can do on it. */
export function PageTitle({ title, tab = title, note, actions }: PageTitleProps) {
  useDocumentTitle(`${tab} · Tidemark`);
  return (
    <div className={classes.head}>
      <div className={classes.words}>
        <Title order={1} fz={22} lh={1.25} lineClamp={1} title={title}>
          {title}
        </Title>
        {note ? (
          <Text size="sm" c="dimmed" component="div">
            {note}
          </Text>
        ) : null}
      </div>
      {actions}
    </div>
  );
}
