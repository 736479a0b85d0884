import type { Project } from "../../api/requests/client";
import { useWebValues } from "../../api/reports/web";
import { WorldMap } from "../../charts/WorldMap";
import { EmptyState } from "../../components/states/EmptyState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { ReportContent } from "../../components/figures/ReportContent";
import { t } from "../../texts";
import { useWebQuery } from "./useWebQuery";

/** More than there are countries. */
const LIMIT = 300;

/** Visitors by country on a map; a click on a country shows only its visits. */
export function CountryMap({ project }: { project: Project }) {
  const { query, filterBy } = useWebQuery();
  const list = useWebValues(project.id, "country", { ...query, compare: "none", limit: LIMIT });
  return (
    <ReportContent result={list} zone={project.timezone} skeleton={<ListSkeleton />}>
      {(shown) =>
        shown.items.length === 0 ? (
          <EmptyState title={t.web.empty} isFiltered />
        ) : (
          <WorldMap
            label={t.web.rows(t.web.dimensions.country)}
            values={shown.items.flatMap(({ value, visitors }) => (value === null ? [] : [{ country: value, value: visitors }]))}
            onCountry={(country) => {
              filterBy(shown, { value: country });
            }}
          />
        )
      }
    </ReportContent>
  );
}
