import { ActionIcon, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCopy, IconDots, IconTrash } from "@tabler/icons-react";
import type { Project, SavedInsight } from "../../../api/client";
import { missingPermission } from "../../../api/roles";
import { useDeleteSavedInsight, useSaveInsight } from "../../../api/savedInsights";
import { ConfirmDialog } from "../../../components/ConfirmDialog";
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
  const remove = useDeleteSavedInsight(project.id, insight.id);
  const [isAsking, asking] = useDisclosure();
  if (missingPermission(project.role, "member") !== null) return null;
  const { name, description } = insight;
  return (
    <>
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
          <Menu.Item leftSection={<IconTrash size={15} />} c="var(--tm-down)" onClick={asking.open}>
            {t.common.delete}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={isAsking}
        onClose={() => {
          asking.close();
          remove.reset();
        }}
        title={t.insights.deleteTitle(name)}
        action={t.insights.deleteAction}
        mutation={remove}
        onConfirm={() => {
          remove.mutate(undefined, { onSuccess: asking.close });
        }}
      >
        {t.insights.deleteEffect}
      </ConfirmDialog>
    </>
  );
}
