import { ActionIcon, AppShell, Center, Loader, Skeleton, UnstyledButton } from "@mantine/core";
import { useDisclosure, useLocalStorage } from "@mantine/hooks";
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from "@tabler/icons-react";
import { lazy, Suspense, useEffect } from "react";
import { Link, Navigate, Outlet, useLocation, useMatch } from "react-router";
import type { User } from "../api/requests/client";
import { isUnauthenticated } from "../api/requests/errors";
import { useDashboardAhead } from "../api/insights/dashboards";
import { useMe } from "../api/account/login";
import { useProjects } from "../api/projects/projects";
import { ErrorAlert } from "../notices/ErrorAlert";
import { SlowServerBanner } from "../notices/SlowServerBanner";
import { ErrorBoundary } from "../components/states/ErrorBoundary";
import { Logo } from "../components/page/Logo";
import { t } from "../texts";
import { AccountMenu } from "./AccountMenu";
import { UnavailableBanner } from "../notices/UnavailableBanner";
import { HasUnavailableBanner } from "../notices/useIsReportedAbove";
import { BehindBanner } from "./BehindBanner";
import { LeaveGuard } from "./LeaveGuard";
import { Navigation, useOpenProject } from "./Navigation";
import { OfflineBanner } from "./OfflineBanner";
import { PhoneBar } from "./PhoneBar";
import { ProjectSwitcher } from "./ProjectSwitcher";
import { QuickSearch } from "./QuickSearch";
import { RouteAnnouncer } from "./RouteAnnouncer";
import { SchemeMenu } from "./SchemeMenu";
import classes from "./Shell.module.css";
import { UndoProvider } from "./UndoProvider";
import { useFocusKeeper } from "./useFocusKeeper";

// Loaded when a session ends: its dialog is of no report.
const SessionEnded = lazy(() => import("./SessionEnded").then(({ SessionEnded }) => ({ default: SessionEnded })));
const CONTENT = "content";
const RAIL = { wide: 216, narrow: 56 };

/** The frame of every page that requires a sign-in. */
export function Shell() {
  const me = useMe();
  // Asked for beside the account, so that pages can ask for their figures once both are known.
  useProjects();
  useDashboardOfAddress();
  const { pathname, search } = useLocation();
  const hasEnded = isUnauthenticated(me.error);

  if (hasEnded && !me.data) return <Navigate to="/login" state={{ from: pathname + search }} replace />;
  if (!me.data) {
    return (
      <>
        <SlowServerBanner />
        <Center h="100vh" p="md">
          {me.error ? (
            <ErrorAlert title={t.shell.unreachable} error={me.error} retry={() => void me.refetch()} />
          ) : (
            <Loader aria-label={t.common.loading} type="dots" />
          )}
        </Center>
      </>
    );
  }
  return (
    <>
      <UndoProvider>
        <LeaveGuard>
          <Frame user={me.data} />
        </LeaveGuard>
      </UndoProvider>
      <Suspense>{hasEnded ? <SessionEnded email={me.data.email} /> : null}</Suspense>
    </>
  );
}

/** A dashboard takes most questions: what is on it is asked for beside the account, and its page loaded meanwhile. */
function useDashboardOfAddress() {
  const { projectId, key = null } = useMatch("/p/:projectId/dashboards/:key")?.params ?? {};
  useDashboardAhead(Number(projectId), key);
  useEffect(() => {
    if (key !== null) void Promise.all([import("../pages/dashboards/DashboardsPage"), import("../pages/explore/results/InsightResult")]);
  }, [key]);
}

function Frame({ user }: { user: User }) {
  const { pathname } = useLocation();
  const [isOpen, { toggle, close }] = useDisclosure();
  const [isNarrow, setNarrow] = useLocalStorage({ key: "tidemark-narrow-rail", defaultValue: false });
  const page = pageOf(pathname);
  useFocusKeeper(CONTENT);
  return (
    <AppShell
      navbar={{ width: isNarrow ? RAIL.narrow : RAIL.wide, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "md", sm: "xl" }}
    >
      <a className={classes.skip} href={`#${CONTENT}`}>
        {t.shell.skip}
      </a>
      <AppShell.Navbar className={classes.rail} data-narrow={isNarrow && !isOpen}>
        <Rail
          user={user}
          isNarrow={isNarrow && !isOpen}
          onNarrow={() => {
            setNarrow(!isNarrow);
          }}
          onChoose={close}
        />
      </AppShell.Navbar>
      <AppShell.Main id={CONTENT} tabIndex={-1} className={classes.main}>
        <OfflineBanner />
        <SlowServerBanner />
        <UnavailableBanner />
        <BehindBanner />
        <div className={classes.content}>
          <ErrorBoundary key={page}>
            <Suspense fallback={<Skeleton height={320} radius="lg" />}>
              <HasUnavailableBanner value>
                <Outlet />
              </HasUnavailableBanner>
            </Suspense>
          </ErrorBoundary>
        </div>
      </AppShell.Main>
      <PhoneBar isOpen={isOpen} onMore={toggle} />
      <RouteAnnouncer page={page} contentId={CONTENT} />
    </AppShell>
  );
}

interface RailProps {
  user: User;
  isNarrow: boolean;
  onNarrow: () => void;
  onChoose: () => void;
}

function Rail({ user, isNarrow, onNarrow, onChoose }: RailProps) {
  const label = isNarrow ? t.shell.expand : t.shell.collapse;
  return (
    <>
      {useOpenProject() === null ? <Brand isNarrow={isNarrow} /> : <ProjectSwitcher isNarrow={isNarrow} />}
      <QuickSearch isNarrow={isNarrow} />
      <Navigation isNarrow={isNarrow} onChoose={onChoose} />
      <div className={classes.tools}>
        <AccountMenu user={user} />
        <SchemeMenu />
        <ActionIcon variant="subtle" color="gray" size="lg" visibleFrom="sm" aria-label={label} title={label} onClick={onNarrow}>
          {isNarrow ? <IconLayoutSidebarLeftExpand size={18} stroke={1.7} /> : <IconLayoutSidebarLeftCollapse size={18} stroke={1.7} />}
        </ActionIcon>
      </div>
    </>
  );
}

function Brand({ isNarrow }: { isNarrow: boolean }) {
  return (
    <UnstyledButton component={Link} to="/projects" className={classes.switcher} aria-label={t.shell.home}>
      <Logo size={26} />
      {isNarrow ? null : <span className={classes.wordmark}>{t.product}</span>}
    </UnstyledButton>
  );
}

/** The address of the page without the section, so that the page stays mounted when the section changes. */
function pageOf(pathname: string): string {
  const [, first = "", ...rest] = pathname.split("/");
  return first === "p" ? [first, ...rest.slice(0, 2)].join("/") : first;
}
