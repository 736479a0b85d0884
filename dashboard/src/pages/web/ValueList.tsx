import { Anchor } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { useWebValues, type WebDimension, type WebValues } from "../../api/reports/web";
import { EmptyState } from "../../components/states/EmptyState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { RankList, type RankRow } from "../../components/tables/RankList";
import { ReportContent } from "../../components/figures/ReportContent";
import { useAddressState } from "../../components/page/useAddressState";
import { sharePercent } from "../../format/numbers";
import { t } from "../../texts";
import { useGoalColumn } from "./goalColumn";
import { valueIcon } from "./valueIcon";
import { valueLabel } from "./valueLabel";
import { useRowDoor } from "./rowDoor";
import { useWebQuery } from "./useWebQuery";

const ROWS = 8;

interface ListProps {
  project: Project;
  dimension: WebDimension;
}

/** The first rows of a list; a click on a row shows only what has its value. */
export function ValueList({ project, dimension }: ListProps) {
  const { query, filterBy } = useWebQuery();
  const goal = useGoalColumn();
  const list = useWebValues(project.id, dimension, { ...query, compare: "none", limit: ROWS, ...goal.query });
  const door = useRowDoor(dimension);
  const [, openDetails] = useAddressState("details");
  return (
    <ReportContent result={list} zone={project.timezone} skeleton={<ListSkeleton />}>
      {(shown) =>
        shown.items.length === 0 ? (
          <EmptyState title={t.web.empty} isFiltered />
        ) : (
          <>
            <RankList
              label={t.web.rows(t.web.dimensions[dimension])}
              rows={rowsOf(shown, dimension)}
              onFilter={
                shown.scope === null
                  ? undefined
                  : (row) => {
                      filterBy(shown, row);
                    }
              }
              door={({ value }, text) => door(shown, value, text)}
            />
            <Anchor
              component="button"
              size="sm"
              mt={8}
              aria-label={t.web.detailsOf(t.web.dimensions[dimension])}
              onClick={() => {
                openDetails(dimension);
              }}
            >
              {t.web.details}
            </Anchor>
          </>
        )
      }
    </ReportContent>
  );
}

function rowsOf(list: WebValues, dimension: WebDimension): RankRow[] {
  return list.items.map(({ value, visitors, share, conversion_rate: rate }) => ({
    value,
    label: valueLabel(dimension, value),
    icon: valueIcon(dimension, value),
    count: visitors,
    share,
    more: rate === null ? undefined : sharePercent(rate),
  }));
}
