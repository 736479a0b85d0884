import { Text } from "@mantine/core";
import { useState } from "react";
import { MAX_USUAL_SECONDS } from "../../api/operations/health";
import { LIVE_MS, type Live } from "../../api/reports/home";
import { useNow } from "../../components/time/useNow";
import { duration } from "../../format/duration";
import { clockTime } from "../../format/time";
import { t } from "../../texts";
import { brokenText } from "../brokenParts";
import classes from "./StatusLine.module.css";


interface StatusLineProps {
  live: Live | undefined;
  /** When the last answer was received, in milliseconds since 1970; 0 before that. */
  receivedAt: number;
  zone: string;
  /** How many users are there now, as far as the connection says; else the answer counts. */
  usersNow?: number | null;
  /** How often the page asks, in milliseconds. */
  asksEvery?: number;
  /** Whether the page waits on purpose, so that silence is no problem. */
  isWaiting?: boolean;
}

/** Whether all is well: users now and the age of the data, or what is wrong. */
export function StatusLine({ live, receivedAt, zone, usersNow = null, asksEvery = LIVE_MS, isWaiting = false }: StatusLineProps) {
  const now = useNow();
  const [openedAt] = useState(now);
  const silence = now - Math.max(receivedAt, openedAt);
  const problem = isWaiting ? null : problemOf(live, silence > asksEvery + LIVE_MS ? silence : 0, receivedAt, zone);
  return (
    <Text size="sm" component="p" m={0} role="status" className={classes.line} data-state={problem ? "problem" : "ok"}>
      <span className={classes.dot} aria-hidden="true" />
      {isWaiting ? t.live.waiting : problem ?? (live ? t.home.allGood(usersNow ?? live.users_now, clockTime(dataAsOf(live), zone)) : t.common.loading)}
    </Text>
  );
}

/** @param silence For how long there was no answer, in milliseconds; 0: not longer than usual. */
function problemOf(live: Live | undefined, silence: number, receivedAt: number, zone: string): string | null {
  if (silence > 0) {
    const lasted = duration(Math.floor(silence / 1_000));
    return live && receivedAt > 0 ? t.home.silentSince(lasted, clockTime(dataAsOf(live), zone)) : t.home.silent(lasted);
  }
  if (!live) return null;
  const { seconds_behind: behind, problems } = live.storing;
  const broken = Object.keys(problems);
  if (behind !== null && behind > MAX_USUAL_SECONDS) return t.home.behind(duration(Math.round(behind)));
  if (broken.length > 0) return brokenText(broken);
  return null;
}

/** The time up to which the answer has every received event. */
function dataAsOf(live: Live): string {
  const behind = (live.storing.seconds_behind ?? 0) * 1_000;
  return new Date(new Date(live.as_of).getTime() - behind).toISOString();
}
