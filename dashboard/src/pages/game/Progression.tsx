import { Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import type { GameResult } from "../../api/insights/insights";
import { Door } from "../../components/figures/Door";
import { EmptyState } from "../../components/states/EmptyState";
import { Cell, ColumnHeading, HeadingRow, Row, RowHeading, Rows, StackedTable } from "../../components/tables/StackedTable";
import { Panel } from "../../components/page/Panel";
import { exactNumber, ratio } from "../../format/numbers";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import classes from "./Game.module.css";
import { GameReport } from "./GameReport";

type Level = GameResult["progression"][number];
const SHOWN_AT_MOST = 100;
const STATUSES = { completes: "complete", fails: "fail", starts: "start" } as const;

/** How players get through the levels. */
export function Progression({ project }: { project: Project }) {
  const { body } = useReport();
  return (
    <GameReport project={project} kind="game" body={body}>
      {({ result, body: asked }) => (
        <Panel title={t.game.levels}>
          {result.progression.length === 0 ? (
            <EmptyState title={t.game.noLevels} note={t.game.noLevelsHint} isFiltered />
          ) : (
            <Levels levels={result.progression} body={asked} />
          )}
        </Panel>
      )}
    </GameReport>
  );
}

function Levels({ levels, body }: { levels: readonly Level[]; body: Record<string, unknown> }) {
  const ladder = levels.toSorted((one, other) => one.level.localeCompare(other.level, "en", { numeric: true }));
  const most = Math.max(...ladder.map(attempts));
  return (
    <>
      <Text size="xs" c="dimmed" mb="sm">
        {t.game.levelsNote} {levels.length >= SHOWN_AT_MOST ? t.game.mostLevels(SHOWN_AT_MOST) : ""}
      </Text>
      <Legend />
      <StackedTable label={t.game.levels} className={classes.table ?? ""}>
        <HeadingRow>
          <ColumnHeading>{t.game.level}</ColumnHeading>
          <ColumnHeading className={classes.wide ?? ""} aria-label={t.game.levels} />
          {[t.game.completes, t.game.fails, t.game.starts, t.game.users, t.game.failsPerComplete].map((name) => (
            <ColumnHeading key={name}>{name}</ColumnHeading>
          ))}
        </HeadingRow>
        <Rows>
          {ladder.map((level) => (
            <LevelRow key={level.level} level={level} most={most} body={body} />
          ))}
        </Rows>
      </StackedTable>
    </>
  );
}

function LevelRow({ level, most, body }: { level: Level; most: number; body: Record<string, unknown> }) {
  const { completes, fails, persons } = level;
  const name = level.level || t.game.noLevel;
  const width = (count: number) => ({ width: `${(count / most) * 100}%` });
  return (
    <Row>
      <RowHeading>{name}</RowHeading>
      <Cell className={classes.wide ?? ""}>
        <span className={classes.track} aria-hidden="true">
          <span data-part="complete" style={width(completes)} />
          <span data-part="fail" style={width(fails)} />
          <span data-part="open" style={width(attempts(level) - completes - fails)} />
        </span>
      </Cell>
      {(Object.keys(STATUSES) as (keyof typeof STATUSES)[]).map((figure) => (
        <Cell key={figure} label={t.game[figure]}>
          {level[figure] > 0 ? (
            <Door
              figure={t.game.figureOf(name, t.game[figure])}
              question={{ kind: "game", query: body, point: { table: "progression", level: level.level, status: STATUSES[figure] } }}
            >
              {exactNumber(level[figure])}
            </Door>
          ) : (
            exactNumber(0)
          )}
        </Cell>
      ))}
      <Cell label={t.game.users}>
        <Door figure={t.game.figureOf(name, t.game.users)} question={persons > 0 ? { kind: "game", query: body, point: { table: "progression", level: level.level } } : null}>
          {exactNumber(persons)}
        </Door>
      </Cell>
      <Cell label={t.game.failsPerComplete}>{completes > 0 ? ratio(fails / completes) : t.common.none}</Cell>
    </Row>
  );
}

/** A game may send ends without starts. */
function attempts({ starts, fails, completes }: Level): number {
  return Math.max(1, starts, fails + completes);
}

function Legend() {
  return (
    <span className={classes.legend}>
      <span data-part="complete">{t.game.completes}</span>
      <span data-part="fail">{t.game.fails}</span>
      <span data-part="open">{t.game.unfinished}</span>
    </span>
  );
}
