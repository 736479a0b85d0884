import { Stack } from "@mantine/core";
import type { ComponentType } from "react";
import { useParams, useSearchParams } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { NotFound } from "../../components/states/NotFound";
import { PageTitle } from "../../components/page/PageTitle";
import { SectionTabs } from "../../components/page/SectionTabs";
import { ReportBar } from "../../report/ReportBar";
import { reportParameters } from "../../report/reportState";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { Economy } from "./Economy";
import { Engagement } from "./Engagement";
import { Monetization } from "./Monetization";
import { Overview } from "./Overview";
import { Progression } from "./Progression";

const TABS: Record<keyof typeof t.game.tabs, ComponentType<{ project: Project }>> = {
  overview: Overview,
  engagement: Engagement,
  monetization: Monetization,
  progression: Progression,
  economy: Economy,
};

/** Players of a game: how many, whether they come back, what they pay, where they fail, what they own. */
export function GamePage() {
  return <ProjectPage>{(project) => <Game project={project} />}</ProjectPage>;
}

function Game({ project }: { project: Project }) {
  const { tab = "overview" } = useParams();
  const [parameters] = useSearchParams();
  const current = (Object.keys(TABS) as (keyof typeof TABS)[]).find((one) => one === tab);
  if (current === undefined) return <NotFound />;
  const Tab = TABS[current];
  return (
    <>
      <PageTitle title={t.game.title} tab={t.game.tab(project.name)} actions={<ReportBar project={project} hide={["interval"]} />} />
      <SectionTabs
        label={t.game.sections}
        base={projectAddress(project.id, "/game")}
        current={current === "overview" ? "" : current}
        search={reportParameters(parameters).toString()}
        sections={(Object.keys(TABS) as (keyof typeof TABS)[]).map((one) => ({ path: one === "overview" ? "" : one, label: t.game.tabs[one] }))}
      />
      <Stack gap="var(--tm-gap)">
        <Tab project={project} />
      </Stack>
    </>
  );
}
