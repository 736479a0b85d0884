import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { useDashboards } from "../../api/insights/dashboards";
import { useMailReports, type MailReport } from "../../api/alerts/reports";
import { missingPermission } from "../../api/projects/roles";
import { useSavedInsights } from "../../api/insights/savedInsights";
import { EmptyState } from "../../components/states/EmptyState";
import { PageTitle } from "../../components/page/PageTitle";
import { PermissionNote } from "../../components/states/PermissionNote";
import { ResourceList } from "../../components/tables/ResourceList";
import { ReportDialog } from "../../features/reports/ReportDialog";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { PreviewDialog } from "./PreviewDialog";
import { ReportItem } from "./ReportItem";
import classes from "./ReportsPage.module.css";

/** The dashboards and insights that are sent by mail. */
export function ReportsPage() {
  return <ProjectPage>{(project) => <Reports project={project} />}</ProjectPage>;
}

function Reports({ project }: { project: Project }) {
  const reports = useMailReports(project.id);
  const dashboards = useDashboards(project.id).data;
  const insights = useSavedInsights(project.id).data;
  const [edited, setEdited] = useState<MailReport | "new" | null>(null);
  const [previewed, setPreviewed] = useState<MailReport | null>(null);
  const readOnlyReason = missingPermission(project.role, "member");
  const subjectOf = ({ dashboard_id: dashboard, insight_id: insight }: MailReport) => {
    const list = dashboard === null ? insights : dashboards;
    return list && (list.find(({ id }) => id === (dashboard ?? insight))?.name ?? t.reports.gone);
  };
  const create = (
    <Button variant="filled" size="xs" leftSection={<IconPlus size={15} />} onClick={() => { setEdited("new"); }}>
      {t.reports.new}
    </Button>
  );
  return (
    <>
      <PageTitle
        title={t.reports.title}
        tab={t.reports.tab(project.name)}
        note={t.reports.note}
        actions={readOnlyReason === null ? create : null}
      />
      {readOnlyReason === null ? null : <PermissionNote reason={readOnlyReason} />}
      <div className={classes.panel}>
        <ResourceList label={t.reports.list} list={reports} empty={<EmptyState title={t.reports.none} note={t.reports.noneHint} />}>
          {(report) => (
            <ReportItem
              key={report.id}
              project={project}
              report={report}
              subject={subjectOf(report)}
              canEdit={readOnlyReason === null}
              onEdit={() => { setEdited(report); }}
              onPreview={() => { setPreviewed(report); }}
            />
          )}
        </ResourceList>
      </div>
      {edited === null ? null : (
        <ReportDialog
          project={project}
          report={edited === "new" ? null : edited}
          subject={null}
          onClose={() => { setEdited(null); }}
        />
      )}
      {previewed === null ? null : (
        <PreviewDialog projectId={project.id} report={previewed} onClose={() => { setPreviewed(null); }} />
      )}
    </>
  );
}
