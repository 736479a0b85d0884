import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import { t } from "../../texts";

/** Leads to the settings where divisions and communities are entered. */
export function EnterLink({ projectId }: { projectId: number }) {
  return (
    <Anchor component={Link} to={projectAddress(projectId, "/settings/communities")} fz="inherit">
      {t.communities.enter}
    </Anchor>
  );
}
