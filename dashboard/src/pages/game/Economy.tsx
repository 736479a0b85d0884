import { Stack, Table, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import type { GameResult } from "../../api/insights/insights";
import { Door } from "../../components/figures/Door";
import { EmptyState } from "../../components/states/EmptyState";
import { Cell, ColumnHeading, HeadingRow, Row, RowHeading, Rows, StackedTable } from "../../components/tables/StackedTable";
import { Panel } from "../../components/page/Panel";
import { exactNumber } from "../../format/numbers";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import classes from "./Game.module.css";
import { GameReport } from "./GameReport";

type Resource = GameResult["resources"][number];
const SHOWN_AT_MOST = 100;

/** What players gain and spend, currency by currency. */
export function Economy({ project }: { project: Project }) {
  const { body } = useReport();
  return (
    <GameReport project={project} kind="game" body={body}>
      {({ result: { resources }, body: asked }) => (
        <Stack gap="var(--tm-gap)">
          {resources.length === 0 ? <EmptyState title={t.game.noResources} note={t.game.noResourcesHint} isFiltered /> : null}
          {[...new Set(resources.map(({ currency }) => currency))].map((currency) => (
            <Currency
              key={JSON.stringify(currency)}
              name={currency ?? t.game.noCurrency}
              items={resources.filter((one) => one.currency === currency)}
              body={asked}
            />
          ))}
          {resources.length > 0 ? (
            <Text size="xs" c="dimmed">
              {t.game.resourceNote} {resources.length >= SHOWN_AT_MOST ? t.game.mostResources(SHOWN_AT_MOST) : ""}
            </Text>
          ) : null}
        </Stack>
      )}
    </GameReport>
  );
}

function Currency({ name, items, body }: { name: string; items: readonly Resource[]; body: Record<string, unknown> }) {
  const most = Math.max(...items.flatMap(({ source, sink }) => [source, sink]), 1);
  const width = (amount: number) => ({ width: `${(Math.max(0, amount) / most) * 100}%` });
  const gained = items.reduce((sum, { source }) => sum + source, 0);
  const spent = items.reduce((sum, { sink }) => sum + sink, 0);
  const ignored = items.reduce((sum, { ignored_amounts: count }) => sum + count, 0);
  return (
    <Panel title={name}>
      <span className={classes.legend}>
        <span data-part="complete">{t.game.sources}</span>
        <span data-part="fail">{t.game.sinks}</span>
      </span>
      <StackedTable label={name} className={classes.table ?? ""}>
        <HeadingRow>
          <ColumnHeading>{t.game.item}</ColumnHeading>
          <ColumnHeading className={classes.wide ?? ""} aria-label={name} />
          {[t.game.sources, t.game.sinks, t.game.balance, t.game.users].map((column) => (
            <ColumnHeading key={column}>{column}</ColumnHeading>
          ))}
        </HeadingRow>
        <Rows>
          {items.map(({ item, currency, source, sink, persons }) => (
            <Row key={JSON.stringify(item)}>
              <RowHeading>{item ?? t.game.noItem}</RowHeading>
              <Cell className={classes.wide ?? ""}>
                <span className={classes.pair} aria-hidden="true">
                  {source > 0 ? <span data-part="complete" style={width(source)} /> : null}
                  {sink > 0 ? <span data-part="fail" style={width(sink)} /> : null}
                </span>
              </Cell>
              <Cell label={t.game.sources}>{exactNumber(source)}</Cell>
              <Cell label={t.game.sinks}>{exactNumber(sink)}</Cell>
              <Cell label={t.game.balance}>{exactNumber(source - sink)}</Cell>
              <Cell label={t.game.users}>
                <Door
                  figure={t.game.figureOf(name, item ?? t.game.noItem)}
                  question={{ kind: "game", query: body, point: { table: "resources", currency, item } }}
                >
                  {exactNumber(persons)}
                </Door>
              </Cell>
            </Row>
          ))}
        </Rows>
        <Table.Tfoot role="rowgroup">
          <Row>
            <RowHeading>{t.game.total}</RowHeading>
            <Cell className={classes.wide ?? ""} />
            <Cell label={t.game.sources}>{exactNumber(gained)}</Cell>
            <Cell label={t.game.sinks}>{exactNumber(spent)}</Cell>
            <Cell label={t.game.balance}>{exactNumber(gained - spent)}</Cell>
            <Cell />
          </Row>
        </Table.Tfoot>
      </StackedTable>
      {ignored > 0 ? (
        <Text size="xs" c="dimmed" role="note">
          {t.game.ignored(ignored)}
        </Text>
      ) : null}
    </Panel>
  );
}
