import { ScrollArea, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import type { GameResult } from "../../api/insights/insights";
import { Door } from "../../components/figures/Door";
import { EmptyState } from "../../components/states/EmptyState";
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
      <ScrollArea type="auto" scrollbarSize={8} viewportProps={{ tabIndex: 0, role: "group", "aria-label": name }}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t.game.item}</th>
              <th scope="col" className={classes.wide}>
                <span className={classes.legend}>
                  <span data-part="complete">{t.game.sources}</span>
                  <span data-part="fail">{t.game.sinks}</span>
                </span>
              </th>
              {[t.game.sources, t.game.sinks, t.game.balance, t.game.users].map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map(({ item, currency, source, sink, persons }) => (
              <tr key={JSON.stringify(item)}>
                <th scope="row">{item ?? t.game.noItem}</th>
                <td className={classes.wide}>
                  <span className={classes.pair} aria-hidden="true">
                    <span data-part="complete" style={width(source)} />
                    <span data-part="fail" style={width(sink)} />
                  </span>
                </td>
                <td>{exactNumber(source)}</td>
                <td>{exactNumber(sink)}</td>
                <td>{exactNumber(source - sink)}</td>
                <td>
                  <Door
                    figure={t.game.figureOf(name, item ?? t.game.noItem)}
                    question={{ kind: "game", query: body, point: { table: "resources", currency, item } }}
                  >
                    {exactNumber(persons)}
                  </Door>
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t.game.total}</th>
              <td className={classes.wide} />
              <td>{exactNumber(gained)}</td>
              <td>{exactNumber(spent)}</td>
              <td>{exactNumber(gained - spent)}</td>
              <td />
            </tr>
          </tfoot>
        </table>
      </ScrollArea>
      {ignored > 0 ? (
        <Text size="xs" c="dimmed" role="note">
          {t.game.ignored(ignored)}
        </Text>
      ) : null}
    </Panel>
  );
}
