import { Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useChangeDashboard, useDeleteDashboard, type Dashboard } from "../../api/insights/dashboards";
import { FormDialog } from "../../components/forms/FormDialog";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { LazyReportDialog } from "../../features/reports/LazyReportDialog";
import { SendByMail } from "../../features/reports/SendByMail";
import { t } from "../../texts";
import { DetailFields } from "./DashboardList";

/** What can be done with a dashboard as a whole. */
export function DashboardMenu({ project, dashboard }: { project: Project; dashboard: Dashboard }) {
  const change = useChangeDashboard(project.id);
  const remove = useDeleteDashboard(project.id);
  const details = useFormDialog({ name: dashboard.name, description: dashboard.description }, change);
  const navigate = useNavigate();
  const [isMailing, setIsMailing] = useState(false);
  const { name, description } = details.values;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" size="sm" aria-label={t.dashboards.more} px="xs">
            <IconDots size={16} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={details.open}>{t.dashboards.edit}</Menu.Item>
          <SendByMail
            onClick={() => {
              setIsMailing(true);
            }}
          />
          <Menu.Item
            c="var(--mantine-color-error)"
            onClick={() => {
              remove(dashboard);
              void navigate(projectAddress(project.id, "/dashboards"), { replace: true });
            }}
          >
            {t.dashboards.delete}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <LazyReportDialog
        project={project}
        subject={isMailing ? { kind: "dashboard", id: dashboard.id, name: dashboard.name } : null}
        onClose={() => {
          setIsMailing(false);
        }}
      />
      <FormDialog
        opened={details.opened}
        onClose={details.close}
        title={t.dashboards.edit}
        mutation={change}
        submitLabel={t.dashboards.save}
        isReady={name.trim() !== ""}
        onSubmit={() => {
          change.mutate({ key: dashboard.id, changes: { name: name.trim(), description } }, { onSuccess: details.close });
        }}
      >
        <DetailFields name={name} description={description} set={details.set} />
      </FormDialog>
    </>
  );
}
