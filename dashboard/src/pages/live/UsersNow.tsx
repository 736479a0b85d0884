import { Skeleton, Text } from "@mantine/core";
import type { ReportBody } from "../../api/reports/figures";
import type { Live } from "../../api/reports/home";
import { ChartPanel } from "../../components/figures/ChartPanel";
import { DataTable } from "../../components/tables/DataTable";
import { Door } from "../../components/figures/Door";
import { usersQuestion } from "../../features/figures/questions";
import { exactNumber } from "../../format/numbers";
import { clockTime, rangeName } from "../../format/time";
import { t } from "../../texts";
import classes from "./LivePage.module.css";
import { MinuteBars } from "./MinuteBars";
import { nowOf } from "./nowOf";

const MINUTE_MS = 60_000;

interface UsersNowProps {
  /** undefined: on its way. */
  live: Live | undefined;
  /** How many users are there now, as far as the connection says; else the answer counts. */
  online: number | null;
  /** The filters of the page. */
  body: ReportBody;
}

/** How many users are there now and were in each of the last minutes; all of them lead to these users. */
export function UsersNow({ live, online, body }: UsersNowProps) {
  return (
    <ChartPanel
      title={t.live.now}
      chart={live ? <NowOf live={live} online={online} body={body} /> : <Skeleton height={150} />}
      table={() => (live ? <MinuteTable live={live} body={body} /> : <Skeleton height={150} />)}
    />
  );
}

function NowOf({ live, online, body }: { live: Live; online: number | null; body: ReportBody }) {
  const now = nowOf(live, body);
  return (
    <>
      <div className={classes.number}>
        <Door figure={t.home.figureOf(t.live.now, rangeName(now.from ?? live.from, live.to, live.timezone))} question={usersQuestion(now)}>
          {exactNumber(online ?? live.users_now)}
        </Door>
      </div>
      <Text size="xs" c="dimmed" mb="sm">
        {t.live.nowNote(live.online_minutes)}
      </Text>
      <MinuteBars minutes={live.minutes} zone={live.timezone} />
    </>
  );
}

/** The last minutes, newest first. */
function MinuteTable({ live, body }: { live: Live; body: ReportBody }) {
  const { filters } = nowOf(live, body);
  const rows = live.minutes.map(({ start, users }) => {
    const clock = clockTime(start, live.timezone).slice(0, 5);
    const to = new Date(new Date(start).getTime() + MINUTE_MS).toISOString();
    return {
      key: start,
      cells: [
        clock,
        <Door
          key="users"
          figure={t.home.figureOf(t.live.users, clock)}
          question={users > 0 ? usersQuestion({ from: start, to, ...(filters === undefined ? {} : { filters }) }) : null}
        >
          {exactNumber(users)}
        </Door>,
      ],
    };
  });
  return <DataTable caption={t.live.byMinute(live.timezone)} columns={[t.live.minuteStart, t.live.users]} rows={rows.reverse()} />;
}
