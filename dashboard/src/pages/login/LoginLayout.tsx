import { Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import { Logo } from "../../components/Logo";
import classes from "./LoginPage.module.css";
import { WaveBackground } from "./WaveBackground";

interface LoginLayoutProps {
  /** What stands in the browser's tab. */
  tab: string;
  children: ReactNode;
}

/** The frame of what one sees without a login. */
export function LoginLayout({ tab, children }: LoginLayoutProps) {
  useDocumentTitle(`${tab} · Tidemark`);
  return (
    <main className={classes.page}>
      <WaveBackground />
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
