import { ActionIcon, Menu } from "@mantine/core";
import { IconBell, IconCopy, IconDots, IconTrash } from "@tabler/icons-react";
import { Link } from "react-router";
import { alertAddress } from "../../../api/alerts/alerts";
import type { Project, SavedInsight } from "../../../api/requests/client";
import { missingPermission } from "../../../api/projects/roles";
import { useDeleteSavedInsight, useSaveInsight } from "../../../api/insights/savedInsights";
import { t } from "../../../texts";
import type { OpenInsight } from "./editing";

interface LibraryMenuProps {
  project: Project;
  insight: SavedInsight;
  open: OpenInsight;
}

/** What can be done with an insight of the library; nothing for members who may only read. */
export function LibraryMenu({ project, insight, open }: LibraryMenuProps) {
  const save = useSaveInsight(project.id);
  const remove = useDeleteSavedInsight(project.id);
  if (missingPermission(project.role, "member") !== null) return null;
  const { name, description } = insight;
  return (
    <Menu position="bottom-end" width={170}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t.explore.moreActions(name)}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconCopy size={15} />}
          onClick={() => {
            save.mutate({ name: t.explore.copyName(name), description, kind: open.kind, query: open.body, view: open.view });
          }}
        >
          {t.explore.duplicate}
        </Menu.Item>
        <Menu.Item leftSection={<IconBell size={15} />} component={Link} to={alertAddress(project.id, insight.id)}>
          {t.alerts.createFor}
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={15} />} c="var(--tm-down)" onClick={() => { remove(insight); }}>
          {t.common.delete}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
