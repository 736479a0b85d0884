import { Button, Select, Skeleton } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import type { Project } from "../../api/requests/client";
import { useCommunities, useVisitors, visitorsCsv } from "../../api/reports/divisions";
import { useShownResult } from "../../api/cache/useShownResult";
import { EmptyState } from "../../components/states/EmptyState";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { ReportContent } from "../../components/figures/ReportContent";
import { useAddressState } from "../../components/page/useAddressState";
import { useToday } from "../../components/time/useToday";
import { rangeName } from "../../format/time";
import { ReportBar } from "../../report/ReportBar";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { EnterLink } from "./EnterLink";
import { Visitors } from "./Visitors";
import { visitorDays } from "./visitorDays";

const texts = t.communities;

/** Where the visitors of a project come from: by division, its type, country and community. */
export function CommunitiesPage() {
  return <ProjectPage>{(project) => <Communities project={project} />}</ProjectPage>;
}

function Communities({ project }: { project: Project }) {
  const { range } = useReport();
  const [community] = useAddressState("community");
  const of = { ...visitorDays(range, useToday(project.timezone)), community: community || null };
  const visitors = useVisitors(project.id, of);
  const shown = useShownResult(visitors).shown?.totals;
  return (
    <>
      <PageTitle
        title={texts.title}
        tab={texts.tab(project.name)}
        note={shown ? rangeName(shown.from, shown.to, shown.timezone) : undefined}
        actions={
          <ReportBar
            project={project}
            hide={["compare", "interval", "filters"]}
            actions={
              <>
                <CommunityChoice project={project} />
                <Button component="a" href={visitorsCsv(project.id, of)} download variant="default" size="xs" leftSection={<IconDownload size={15} />}>
                  {texts.download}
                </Button>
              </>
            }
          />
        }
      />
      <ReportContent result={visitors} zone={project.timezone} failedTitle={texts.notLoaded} skeleton={<Skeleton height={480} radius="lg" />}>
        {(data) =>
          data.totals.total_visitors === 0 ? (
            <Panel title={texts.figures}>
              <EmptyState title={data.of.community === null ? texts.noVisitors : texts.noVisitorsOfIt} note={<EnterLink projectId={project.id} />} />
            </Panel>
          ) : (
            <Visitors project={project} data={data} />
          )
        }
      </ReportContent>
    </>
  );
}

function CommunityChoice({ project }: { project: Project }) {
  const [community, setCommunity] = useAddressState("community");
  const communities = useCommunities(project.id);
  const known = communities.data?.pages.flatMap(({ items }) => items) ?? [];
  const data = known.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Select
      aria-label={texts.community}
      size="xs"
      w={180}
      searchable
      clearable
      clearButtonProps={{ "aria-label": texts.allCommunities }}
      placeholder={texts.allCommunities}
      value={community || null}
      // One of an address may be on a later page, or unknown.
      data={community === "" || known.some(({ id }) => id === community) ? data : [...data, { value: community, label: community }]}
      onChange={(chosen) => {
        setCommunity(chosen ?? "");
      }}
    />
  );
}
