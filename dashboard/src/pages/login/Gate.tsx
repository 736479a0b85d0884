import { Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import { Logo } from "../../components/Logo";
import classes from "./LoginPage.module.css";
import { Tide } from "./Tide";

interface GateProps {
  /** What stands in the browser's tab. */
  tab: string;
  children: ReactNode;
}

/** The frame of what one sees without a login. */
export function Gate({ tab, children }: GateProps) {
  useDocumentTitle(`${tab} · Tidemark`);
  return (
    <main className={classes.page}>
      <Tide />
      <div className={classes.card}>
        <div className={classes.brand}>
          <Logo size={40} />
          <div>
            <Title order={1} fz={22} lh={1.2}>
              Tidemark
            </Title>
            <Text size="sm" c="dimmed">
              See how high it rose.
            </Text>
          </div>
        </div>
        {children}
      </div>
    </main>
  );
}
