import { Menu } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { t } from "../../texts";

/** The entry of a menu that opens the form of a report. The dialog stands outside of the menu, which closes. */
export function SendByMail({ onClick }: { onClick: () => void }) {
  return (
    <Menu.Item leftSection={<IconMail size={15} />} onClick={onClick}>
      {t.reports.sendByMail}
    </Menu.Item>
  );
}
