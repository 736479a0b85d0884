import { Button, Group, Select, Switch, Table, Text, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { Link } from "react-router";
import { projectAddress } from "../../../addresses";
import type { Project, SavedInsight } from "../../../api/requests/client";
import { missingPermission } from "../../../api/projects/roles";
import { useMarkFavourite, useSavedInsights } from "../../../api/insights/savedInsights";
import { FavouriteButton } from "../../../components/forms/FavouriteButton";
import { useOwners } from "../../../features/useOwners";
import { ErrorAlert } from "../../../notices/ErrorAlert";
import { PageTitle } from "../../../components/page/PageTitle";
import { useAddressState } from "../../../components/page/useAddressState";
import { LoadingSkeleton } from "../../../components/states/LoadingSkeleton";
import { dayName } from "../../../format/time";
import { t } from "../../../texts";
import { ProjectPage } from "../../ProjectPage";
import { KIND_ICONS } from "../kinds";
import { KindTabs } from "../KindTabs";
import { insightPath } from "../query/useInsightQuery";
import { listInsights, type ListedInsight } from "./editing";
import classes from "./Library.module.css";
import { LibraryMenu } from "./LibraryMenu";

/** The saved insights of a project: to search, open, mark as favourites and delete. */
export function Library() {
  return <ProjectPage>{(project) => <SavedInsightList key={project.id} project={project} />}</ProjectPage>;
}

interface LibraryRow extends ListedInsight {
  owner: string;
}

function SavedInsightList({ project }: { project: Project }) {
  const insights = useSavedInsights(project.id);
  const owners = useOwners(project.id);
  const [search, setSearch] = useAddressState("search");
  const [kind, setKind] = useAddressState("kind");
  const [onlyFavourites, setOnlyFavourites] = useAddressState("favourites");
  const rows = insights.data && listInsights(insights.data).map((listed): LibraryRow => ({ ...listed, owner: owners(listed.insight.created_by) }));
  const shown = rows?.filter(({ insight, open, owner }) => {
    const text = `${insight.name} ${insight.description} ${owner}`.toLocaleLowerCase();
    return text.includes(search.toLocaleLowerCase()) && (kind === "" || open.kind === kind) && (!onlyFavourites || insight.is_favourite);
  });
  return (
    <>
      <PageTitle
        title={t.explore.library}
        tab={t.explore.tab(t.explore.library, project.name)}
        note={t.explore.libraryNote(project.name)}
        actions={
          <Button size="xs" component={Link} to={projectAddress(project.id, "/explore/trends")} leftSection={<IconPlus size={14} />}>
            {t.explore.newInsight}
          </Button>
        }
      />
      <KindTabs projectId={project.id} />
      <Group gap="sm" mb="sm">
        <TextInput
          size="xs"
          w={260}
          aria-label={t.explore.searchInsights}
          placeholder={t.explore.searchInsights}
          leftSection={<IconSearch size={14} />}
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value, true);
          }}
        />
        <Select
          size="xs"
          w={150}
          aria-label={t.explore.kind}
          placeholder={t.explore.allKinds}
          clearable
          clearButtonProps={{ "aria-label": t.common.clear(t.explore.kind) }}
          data={Object.entries(t.insights.kinds).map(([value, { name }]) => ({ value, label: name }))}
          value={kind || null}
          onChange={(chosen) => {
            setKind(chosen ?? "");
          }}
        />
        <Switch
          size="xs"
          label={t.explore.onlyFavourites}
          checked={onlyFavourites !== ""}
          onChange={(event) => {
            setOnlyFavourites(event.currentTarget.checked ? "1" : "");
          }}
        />
      </Group>
      {insights.error ? <ErrorAlert error={insights.error} retry={() => void insights.refetch()} /> : null}
      {!insights.data && !insights.error ? <LoadingSkeleton height={240} radius="lg" /> : null}
      {rows?.length === 0 ? (
        <div className={classes.empty}>
          {t.insights.noneSaved} {missingPermission(project.role, "member") ?? t.insights.saveHint}
        </div>
      ) : null}
      {rows && rows.length > 0 && shown?.length === 0 ? <div className={classes.empty}>{t.explore.noMatch}</div> : null}
      {shown && shown.length > 0 ? <InsightTable project={project} rows={shown} /> : null}
    </>
  );
}

interface InsightTableProps {
  project: Project;
  rows: LibraryRow[];
}

function InsightTable({ project, rows }: InsightTableProps) {
  const { name, kind, owner, changed } = t.explore.libraryColumns;
  return (
    <div className={classes.panel}>
      <Table fz="sm" verticalSpacing="var(--tm-cell)" highlightOnHover>
        <caption className={classes.caption}>{t.explore.insightCount(rows.length)}</caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{name}</Table.Th>
            <Table.Th scope="col" className={classes.kind}>
              {kind}
            </Table.Th>
            <Table.Th scope="col" className={classes.wide}>
              {owner}
            </Table.Th>
            <Table.Th scope="col" className={classes.wide}>
              {changed}
            </Table.Th>
            <Table.Th aria-label={t.explore.actions} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ insight, open, owner: ownerName }) => {
            const Icon = KIND_ICONS[open.kind];
            return (
              <Table.Tr key={insight.id}>
                <Table.Th scope="row" fw={400} className={classes.name}>
                  <div className={classes.nameCell}>
                    <Favourite project={project} insight={insight} />
                    <div style={{ minWidth: 0 }}>
                      <Link className={classes.link ?? ""} to={insightPath(project.id, open.kind, open.body, insight.id, open.view)}>
                        {insight.name}
                      </Link>
                      {insight.description ? (
                        <Text size="xs" c="dimmed" lineClamp={1}>
                          {insight.description}
                        </Text>
                      ) : null}
                    </div>
                  </div>
                </Table.Th>
                <Table.Td className={classes.kind}>
                  <span className={classes.kindCell}>
                    <Icon size={15} stroke={1.7} aria-hidden="true" /> {t.insights.kinds[open.kind].name}
                  </span>
                </Table.Td>
                <Table.Td className={classes.wide}>{ownerName}</Table.Td>
                <Table.Td className={classes.wide}>{dayName(insight.updated_at, project.timezone)}</Table.Td>
                <Table.Td w={44}>
                  <LibraryMenu project={project} insight={insight} open={open} />
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** Marks an insight as a favourite of the project; only shows it to members who may only read. */
function Favourite({ project, insight: { id, name, is_favourite } }: { project: Project; insight: SavedInsight }) {
  const mark = useMarkFavourite(project.id);
  return (
    <FavouriteButton
      name={name}
      isFavourite={is_favourite}
      readOnlyReason={missingPermission(project.role, "member")}
      onChange={(isFavourite) => {
        mark.mutate({ id, isFavourite });
      }}
    />
  );
}
