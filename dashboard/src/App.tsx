import { Center, Loader } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Navigate, Route, Routes } from "react-router";
import { ShowOnceProvider } from "./components/showOnce/ShowOnceProvider";
import { useCutTitles } from "./components/text/useCutTitles";
import { FormerProjectAddress } from "./pages/FormerProjectAddress";
import { LoginPage } from "./pages/login/LoginPage";
import { loadSetupTexts, loadTexts, t } from "./texts";

// Each page is a script of its own, so that the sign-in page does not load the others.
// The texts come first: the modules of the shell and of the pages read them when they are loaded.
const Shell = lazy(async () => {
  await loadTexts();
  return { default: (await import("./firstReport")).Shell };
});
const RegisterPage = lazy(async () => {
  await loadTexts();
  return { default: (await import("./pages/login/RegisterPage")).RegisterPage };
});
const InvitationPage = lazy(async () => {
  await loadTexts();
  return { default: (await import("./pages/login/InvitationPage")).InvitationPage };
});
const ProjectsPage = lazy(() =>
  import("./pages/projects/ProjectsPage").then(({ ProjectsPage }) => ({ default: ProjectsPage })),
);
const HomePage = lazy(() => import("./firstReport").then(({ HomePage }) => ({ default: HomePage })));
const NotFound = lazy(() => import("./firstReport").then(({ NotFound }) => ({ default: NotFound })));
const LivePage = lazy(() => import("./pages/live/LivePage").then(({ LivePage }) => ({ default: LivePage })));
const ExplorePage = lazy(() =>
  import("./pages/explore/ExplorePage").then(({ ExplorePage }) => ({ default: ExplorePage })),
);
const Library = lazy(() => import("./pages/explore/saved/Library").then(({ Library }) => ({ default: Library })));
const SqlPage = lazy(() => import("./pages/sql/SqlPage").then(({ SqlPage }) => ({ default: SqlPage })));
const PersonsPage = lazy(() => import("./pages/persons/PersonsPage").then(({ PersonsPage }) => ({ default: PersonsPage })));
const GoalsPage = lazy(() => import("./pages/goals/GoalsPage").then(({ GoalsPage }) => ({ default: GoalsPage })));
const AlertsPage = lazy(() => import("./pages/alerts/AlertsPage").then(({ AlertsPage }) => ({ default: AlertsPage })));
const FlagsPage = lazy(() => import("./pages/flags/FlagsPage").then(({ FlagsPage }) => ({ default: FlagsPage })));
const ExperimentsPage = lazy(() =>
  import("./pages/experiments/ExperimentsPage").then(({ ExperimentsPage }) => ({ default: ExperimentsPage })),
);
const InboxPage = lazy(() => import("./pages/inbox/InboxPage").then(({ InboxPage }) => ({ default: InboxPage })));
const ReportsPage = lazy(() => import("./pages/reports/ReportsPage").then(({ ReportsPage }) => ({ default: ReportsPage })));
const GamePage = lazy(() => import("./pages/game/GamePage").then(({ GamePage }) => ({ default: GamePage })));
const CommunitiesPage = lazy(() =>
  import("./pages/communities/CommunitiesPage").then(({ CommunitiesPage }) => ({ default: CommunitiesPage })),
);
const WebPage = lazy(() => import("./pages/web/WebPage").then(({ WebPage }) => ({ default: WebPage })));
const DashboardsPage = lazy(() =>
  import("./pages/dashboards/DashboardsPage").then(({ DashboardsPage }) => ({ default: DashboardsPage })),
);
const SharedDashboardPage = lazy(async () => {
  await loadTexts();
  return { default: (await import("./pages/shared/SharedDashboardPage")).SharedDashboardPage };
});
const SettingsPage = lazy(async () => {
  await loadSetupTexts();
  return { default: (await import("./pages/settings/SettingsPage")).SettingsPage };
});
const DataPage = lazy(() =>
  import("./pages/data/DataPage").then(({ DataPage }) => ({ default: DataPage })),
);
const EventsPage = lazy(() =>
  import("./pages/events/EventsPage").then(({ EventsPage }) => ({ default: EventsPage })),
);
const HealthPage = lazy(() =>
  import("./pages/health/HealthPage").then(({ HealthPage }) => ({ default: HealthPage })),
);
const InstallPage = lazy(() =>
  import("./pages/install/InstallPage").then(({ InstallPage }) => ({ default: InstallPage })),
);
const AccountPage = lazy(async () => {
  await loadSetupTexts();
  return { default: (await import("./pages/account/AccountPage")).AccountPage };
});
const AdminPage = lazy(async () => {
  await loadSetupTexts();
  return { default: (await import("./pages/admin/AdminPage")).AdminPage };
});

/** The routes of the dashboard. */
export function App() {
  useCutTitles();
  return (
    <ShowOnceProvider>
      <Suspense fallback={<Loading />}>
        <Routes>
          <Route path="/login" element={<LoginPage />} />
          <Route path="/register" element={<RegisterPage />} />
          <Route path="/invitation" element={<InvitationPage />} />
          <Route path="/shared/:token" element={<SharedDashboardPage />} />
          {/* The same, for pages of other sites: the gateway says which may embed it. */}
          <Route path="/embed/:token" element={<SharedDashboardPage />} />
          <Route element={<Shell />}>
            <Route index element={<Navigate to="/projects" replace />} />
            <Route path="/account" element={<AccountPage />} />
            <Route path="/admin/*" element={<AdminPage />} />
            {/* The address of that page before. */}
            <Route path="/installation/*" element={<Navigate to="/admin" replace />} />
            <Route path="/inbox" element={<InboxPage />} />
            <Route path="/projects" element={<ProjectsPage />} />
            <Route path="/projects/:projectId/*" element={<FormerProjectAddress />} />
            {/* The pages of a project. */}
            <Route path="/p/:projectId" element={<HomePage />} />
            <Route path="/p/:projectId/live" element={<LivePage />} />
            <Route path="/p/:projectId/explore/library" element={<Library />} />
            <Route path="/p/:projectId/explore/sql" element={<SqlPage />} />
            <Route path="/p/:projectId/goals" element={<GoalsPage />} />
            <Route path="/p/:projectId/alerts" element={<AlertsPage />} />
            <Route path="/p/:projectId/flags/*" element={<FlagsPage />} />
            <Route path="/p/:projectId/experiments/:experimentId?" element={<ExperimentsPage />} />
            <Route path="/p/:projectId/reports" element={<ReportsPage />} />
            <Route path="/p/:projectId/web" element={<WebPage />} />
            <Route path="/p/:projectId/web/communities" element={<CommunitiesPage />} />
            <Route path="/p/:projectId/game/:tab?" element={<GamePage />} />
            <Route path="/p/:projectId/explore/:kind?" element={<ExplorePage />} />
            <Route path="/p/:projectId/events/*" element={<EventsPage />} />
            <Route path="/p/:projectId/data" element={<DataPage />} />
            <Route path="/p/:projectId/health" element={<HealthPage />} />
            <Route path="/p/:projectId/install" element={<InstallPage />} />
            <Route path="/p/:projectId/dashboards/:key?" element={<DashboardsPage />} />
            <Route path="/p/:projectId/people/*" element={<PersonsPage />} />
            <Route path="/p/:projectId/settings/*" element={<SettingsPage />} />
            <Route path="*" element={<NotFound />} />
          </Route>
        </Routes>
      </Suspense>
    </ShowOnceProvider>
  );
}

function Loading() {
  return (
    <Center h="100vh">
      <Loader aria-label={t.common.loading} type="dots" />
    </Center>
  );
}
