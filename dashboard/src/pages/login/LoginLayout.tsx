import { Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import { Logo } from "../../components/page/Logo";
import { SlowServerBanner } from "../../notices/SlowServerBanner";
import { t } from "../../texts";
import classes from "./LoginPage.module.css";
import { WaveBackground } from "./WaveBackground";

interface LoginLayoutProps {
  /** The title of the browser's tab. */
  tab: string;
  children: ReactNode;
}

/** The frame of the pages that need no sign-in. */
export function LoginLayout({ tab, children }: LoginLayoutProps) {
  useDocumentTitle(t.common.tab(tab));
  return (
    <main className={classes.page}>
      <WaveBackground />
      <div className={classes.card}>
        <div className={classes.brand}>
          <Logo size={40} />
          <div>
            <Title order={1} fz={22} lh={1.2}>
              {t.product}
            </Title>
            <Text size="sm" c="dimmed">
              {t.login.tagline}
            </Text>
          </div>
        </div>
        <SlowServerBanner />
        {children}
      </div>
    </main>
  );
}
