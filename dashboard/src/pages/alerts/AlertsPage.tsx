import { Button, Group, Stack } from "@mantine/core";
import { IconInbox, IconMail, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useAlerts, useDeleteAlert, type Alert } from "../../api/alerts/alerts";
import type { Project } from "../../api/requests/client";
import { missingPermission } from "../../api/projects/roles";
import { useSavedInsights } from "../../api/insights/savedInsights";
import { EmptyState } from "../../components/states/EmptyState";
import { PageTitle } from "../../components/page/PageTitle";
import { PermissionNote } from "../../components/states/PermissionNote";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { AlertDialog } from "./AlertDialog";
import classes from "./AlertsPage.module.css";
import { AlertTable } from "./AlertTable";

/** What Tidemark watches in a project, and how it stands. */
export function AlertsPage() {
  return <ProjectPage>{(project) => <Alerts key={project.id} project={project} />}</ProjectPage>;
}

function Alerts({ project }: { project: Project }) {
  const alerts = useAlerts(project.id);
  const insights = useSavedInsights(project.id);
  const [parameters, setParameters] = useSearchParams();
  const asked = Number(parameters.get("insight")) || undefined;
  const [edited, setEdited] = useState<Alert | "new" | null>(null);
  const remove = useDeleteAlert(project.id);
  const readOnlyReason = missingPermission(project.role, "member");
  const isOpen = readOnlyReason === null && insights.data !== undefined && (edited !== null || asked !== undefined);
  const create = (
    <Button variant="filled" size="xs" leftSection={<IconPlus size={15} />} onClick={() => { setEdited("new"); }}>
      {t.alerts.new}
    </Button>
  );
  const close = () => {
    setEdited(null);
    if (asked !== undefined) setParameters((before) => without(before, "insight"), { replace: true });
  };
  return (
    <>
      <PageTitle
        title={t.alerts.title}
        tab={t.alerts.tab(project.name)}
        note={t.alerts.note}
        actions={
          <Group gap="xs">
            <Button size="xs" variant="default" component={Link} to="/inbox" leftSection={<IconInbox size={15} />}>
              {t.alerts.openInbox}
            </Button>
            <Button size="xs" variant="default" component={Link} to={`/p/${project.id}/reports`} leftSection={<IconMail size={15} />}>
              {t.alerts.openReports}
            </Button>
            {readOnlyReason === null ? create : null}
          </Group>
        }
      />
      <Stack gap="var(--tm-gap)">
        {readOnlyReason === null ? null : <PermissionNote reason={readOnlyReason} />}
        {alerts.error ? <ErrorAlert title={t.alerts.notLoaded} error={alerts.error} retry={() => void alerts.refetch()} /> : null}
        {!alerts.data && !alerts.error ? <LoadingSkeleton height={220} radius="lg" aria-busy="true" /> : null}
        {alerts.data?.length === 0 ? (
          <div className={classes.panel}>
            <EmptyState title={t.alerts.none} note={t.alerts.noneHint} />
          </div>
        ) : null}
        {alerts.data && alerts.data.length > 0 ? (
          <div className={classes.panel}>
            <AlertTable
              project={project}
              alerts={alerts.data}
              insights={insights.data ?? []}
              canEdit={readOnlyReason === null}
              onEdit={setEdited}
              onDelete={remove}
            />
          </div>
        ) : null}
      </Stack>
      {isOpen ? (
        <AlertDialog project={project} insights={insights.data} alert={edited === "new" || edited === null ? undefined : edited} insightId={asked} onClose={close} />
      ) : null}
    </>
  );
}

function without(parameters: URLSearchParams, name: string): URLSearchParams {
  const rest = new URLSearchParams(parameters);
  rest.delete(name);
  return rest;
}
