import { Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import { t } from "../../texts";
import { Name } from "../text/Name";
import classes from "./PageTitle.module.css";

interface PageTitleProps {
  title: string;
  /** The title of the browser's tab, without the product's name; `title` if missing. */
  tab?: string;
  note?: ReactNode;
  actions?: ReactNode;
}

/** The heading of a page, and its actions. */
export function PageTitle({ title, tab = title, note, actions }: PageTitleProps) {
  useDocumentTitle(t.common.tab(tab));
  return (
    <div className={classes.head}>
      <div className={classes.text}>
        <Title order={1} fz={22} lh={1.25} lineClamp={1} title={title}>
          <Name>{title}</Name>
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
