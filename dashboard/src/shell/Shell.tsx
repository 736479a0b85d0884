import { AppShell, Burger, Center, Loader, Skeleton, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Suspense } from "react";
import { Link, Navigate, Outlet, useLocation } from "react-router";
import { useMe } from "../api/login";
import { isUnauthenticated } from "../api/errors";
import { ErrorBoundary } from "../components/ErrorBoundary";
import { Logo } from "../components/Logo";
import { ErrorAlert } from "../components/ErrorAlert";
import { t } from "../texts";
import { AccountMenu } from "./AccountMenu";
import { Navigation } from "./Navigation";
import { ProjectSwitcher } from "./ProjectSwitcher";
import { SchemeMenu } from "./SchemeMenu";
import classes from "./Shell.module.css";

/** The frame of every page that requires a sign-in. */
export function Shell() {
  const me = useMe();
  const { pathname, search } = useLocation();
  const [opened, { toggle, close }] = useDisclosure();

  if (isUnauthenticated(me.error)) return <Navigate to="/login" state={{ from: pathname + search }} replace />;
  if (!me.data) {
    return (
      <Center h="100vh" p="md">
        {me.error ? (
          <ErrorAlert title={t.shell.unreachable} error={me.error} retry={() => void me.refetch()} />
        ) : (
          <Loader aria-label={t.common.loading} type="dots" />
        )}
      </Center>
    );
  }
  return (
    <AppShell
      header={{ height: 54 }}
      navbar={{ width: 212, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "md", sm: "xl" }}
    >
      <a className={classes.skip} href="#content">
        {t.shell.skip}
      </a>
      <AppShell.Header className={classes.header}>
        <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t.shell.navigation} />
        <UnstyledButton component={Link} to="/projects" className={classes.brand} aria-label={t.shell.allProjects}>
          <Logo size={26} />
          <span className={classes.wordmark}>{t.product}</span>
        </UnstyledButton>
        <ProjectSwitcher />
        <div className={classes.tools}>
          <SchemeMenu />
          <AccountMenu user={me.data} />
        </div>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar}>
        <Navigation onChoose={close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <ErrorBoundary key={pageOf(pathname)}>
          <Suspense fallback={<Skeleton height={320} radius="lg" />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </AppShell.Main>
    </AppShell>
  );
}

/** The address of the page without the section, so that the page stays mounted when the section changes. */
function pageOf(pathname: string): string {
  const [, first = "", ...rest] = pathname.split("/");
  return first === "p" ? [first, ...rest.slice(0, 2)].join("/") : first;
}
