import { lazy, Suspense } from "react";
import type { Project } from "../../api/requests/client";
import type { ReportSubject } from "./ReportDialog";

const ReportDialog = lazy(() => import("./ReportDialog").then(({ ReportDialog }) => ({ default: ReportDialog })));

interface LazyReportDialogProps {
  project: Project;
  /** null: the dialog is closed. */
  subject: ReportSubject | null;
  onClose: () => void;
}

/** The form of a new report, which is loaded when it is opened. */
export function LazyReportDialog({ project, subject, onClose }: LazyReportDialogProps) {
  if (subject === null) return null;
  return (
    <Suspense fallback={null}>
      <ReportDialog project={project} report={null} subject={subject} onClose={onClose} />
    </Suspense>
  );
}
