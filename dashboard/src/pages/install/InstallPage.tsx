import { PageTitle } from "../../components/page/PageTitle";
import { InstallGuide } from "../../features/install/InstallGuide";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";

/** How to send events to the project. */
export function InstallPage() {
  return (
    <ProjectPage>
      {(project) => (
        <>
          <PageTitle title={t.install.title} note={t.install.note} />
          <InstallGuide project={project} />
        </>
      )}
    </ProjectPage>
  );
}
