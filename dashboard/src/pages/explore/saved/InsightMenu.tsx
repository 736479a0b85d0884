import { ActionIcon, Menu } from "@mantine/core";
import { IconBell, IconCopy, IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { alertAddress } from "../../../api/alerts/alerts";
import type { Project, SavedInsight } from "../../../api/requests/client";
import { useChangeSavedInsight, useDeleteSavedInsight, useSaveInsight } from "../../../api/insights/savedInsights";
import { useFormDialog } from "../../../components/forms/useFormDialog";
import { LazyReportDialog } from "../../../features/reports/LazyReportDialog";
import { SendByMail } from "../../../features/reports/SendByMail";
import { t } from "../../../texts";
import type { InsightQuery } from "../query/insightQuery";
import { toBody } from "../query/queryBody";
import { useOpenInsight } from "../query/useInsightQuery";
import type { View } from "../query/view";
import { InsightDialog } from "./InsightDialog";

interface InsightMenuProps {
  project: Project;
  insight: SavedInsight;
  query: InsightQuery;
  view: View;
}

/** What else can be done with a saved insight: rename, duplicate, delete. */
export function InsightMenu({ project, insight, query, view }: InsightMenuProps) {
  const change = useChangeSavedInsight(project.id, insight.id);
  const save = useSaveInsight(project.id);
  const remove = useDeleteSavedInsight(project.id);
  const open = useOpenInsight(project.id);
  const [isMailing, setIsMailing] = useState(false);
  const { name, description } = insight;
  const dialog = useFormDialog({ name, description }, change);
  const body = toBody(query, true);
  const duplicate = () => {
    save.mutate(
      { name: t.explore.copyName(name), description, kind: query.kind, query: body, view },
      {
        onSuccess: ({ id }) => {
          open(query.kind, body, id, view);
        },
      },
    );
  };
  return (
    <>
      <Menu position="bottom-end" width={190}>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={t.explore.moreActions(name)} loading={save.isPending}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={dialog.open}>
            {t.explore.rename}
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={duplicate}>
            {t.explore.duplicate}
          </Menu.Item>
          <Menu.Item leftSection={<IconBell size={15} />} component={Link} to={alertAddress(project.id, insight.id)}>
            {t.alerts.createFor}
          </Menu.Item>
          <SendByMail
            onClick={() => {
              setIsMailing(true);
            }}
          />
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={15} />} c="var(--tm-down)" onClick={() => { remove(insight); }}>
            {t.common.delete}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <LazyReportDialog
        project={project}
        subject={isMailing ? { kind: "insight", id: insight.id, name } : null}
        onClose={() => {
          setIsMailing(false);
        }}
      />
      <InsightDialog
        title={t.explore.renameTitle}
        project={project.name}
        dialog={dialog}
        mutation={change}
        onSubmit={(names) => {
          change.mutate(names, { onSuccess: dialog.close });
        }}
      />
    </>
  );
}
