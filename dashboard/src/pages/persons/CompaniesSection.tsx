import { Group, Select, Text } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useGroups, useGroupTypes, type GroupSummary } from "../../api/persons/groups";
import { EmptyState } from "../../components/states/EmptyState";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Cell, ColumnHeading, HeadingRow, Row, RowHeading, Rows, StackedTable } from "../../components/tables/StackedTable";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { Name } from "../../components/text/Name";
import { Panel } from "../../components/page/Panel";
import { propertyText } from "../../components/persons/PersonTable";
import { ReportContent } from "../../components/figures/ReportContent";
import { SearchField, useSearch } from "../../components/forms/SearchField";
import { useAddressState } from "../../components/page/useAddressState";
import { groupName } from "../../format/personName";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import classes from "./Companies.module.css";
import { groupAddress } from "./groupAddress";

const texts = t.people.companies;

/** What users act for: companies, teams or guilds, of one type at a time. */
export function CompaniesSection({ project }: { project: Project }) {
  const types = useGroupTypes(project.id);
  return (
    <ReportContent result={types} zone={project.timezone} failedTitle={texts.notLoaded} skeleton={<ListSkeleton />}>
      {({ items }) =>
        items.length === 0 ? (
          <Panel title={texts.title}>
            <EmptyState title={texts.none} note={texts.noneNote} action={<Link to={projectAddress(project.id, "/install")}>{texts.install}</Link>} />
          </Panel>
        ) : (
          <OfOneType project={project} types={items.map(({ group_type: type }) => type)} />
        )
      }
    </ReportContent>
  );
}

function OfOneType({ project, types }: { project: Project; types: readonly string[] }) {
  const [chosen, setType] = useAddressState("type");
  const [search] = useSearch();
  const type = types.includes(chosen) ? chosen : (types[0] ?? "");
  const list = useGroups(project.id, type, search);
  const total = list.data?.pages[0]?.total;
  return (
    <Panel title={total === undefined ? texts.title : texts.count(total)}>
      <Group gap="sm" mb="md">
        <SearchField size="xs" label={texts.search} placeholder={texts.searchPlaceholder} />
        {types.length > 1 ? (
          <Select
            size="xs"
            w={180}
            aria-label={texts.type}
            allowDeselect={false}
            searchable
            data={[...types]}
            value={type}
            onChange={(value) => {
              setType(value === null || value === types[0] ? "" : value);
            }}
          />
        ) : null}
      </Group>
      <ReportContent result={list} zone={project.timezone} failedTitle={texts.notLoaded} skeleton={<ListSkeleton />}>
        {({ pages }) => {
          const groups = pages.flatMap(({ items }) => items);
          return groups.length === 0 ? (
            <EmptyState title={texts.noMatch(search)} />
          ) : (
            <>
              <Groups project={project} type={type} groups={groups} />
              <LoadMoreButton label={texts.more} list={list} />
            </>
          );
        }}
      </ReportContent>
    </Panel>
  );
}

interface GroupsProps {
  project: Project;
  type: string;
  groups: readonly GroupSummary[];
}

/** Groups, one a row. All texts of theirs are untrusted, and shown as text. */
function Groups({ project, type, groups }: GroupsProps) {
  const { columns } = texts;
  return (
    <StackedTable label={texts.title} fz="sm" verticalSpacing={6} highlightOnHover aria-label={texts.title}>
      <HeadingRow>
        {[columns.name, columns.properties, columns.created].map((column) => (
          <ColumnHeading key={column} className={classes.head ?? ""}>
            {column}
          </ColumnHeading>
        ))}
      </HeadingRow>
      <Rows>
        {groups.map((group) => (
          <Row key={group.group_key}>
            <RowHeading className={classes.name ?? ""}>
              <GroupLink project={project} type={type} group={group} />
            </RowHeading>
            <Properties group={group} />
            <Cell label={columns.created} className={classes.time ?? ""}>
              {exactTime(group.created_at, project.timezone)}
            </Cell>
          </Row>
        ))}
      </Rows>
    </StackedTable>
  );
}

function GroupLink({ project, type, group }: Omit<GroupsProps, "groups"> & { group: GroupSummary }) {
  const name = groupName(group);
  return (
    <>
      <Link to={groupAddress(project.id, type, group.group_key)} className={classes.link} title={name}>
        <Name>{name}</Name>
      </Link>
      {name === group.group_key ? null : (
        <Text size="xs" c="dimmed" truncate title={group.group_key}>
          <Name>{group.group_key}</Name>
        </Text>
      )}
    </>
  );
}

/** The properties in one line; all of them on hover. */
function Properties({ group }: { group: GroupSummary }) {
  const text = Object.entries(group.properties)
    .map(([name, value]) => `${name}: ${propertyText(value) ?? t.common.none}`)
    .join(" · ");
  return (
    <Cell label={texts.columns.properties} className={classes.properties ?? ""} title={text}>
      <Name>{text || t.common.none}</Name>
    </Cell>
  );
}
