import { IconArrowDown, IconClock } from "@tabler/icons-react";
import type { FunnelStep } from "../../../api/insights/insights";
import { Door } from "../../../components/figures/Door";
import { duration } from "../../../format/duration";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { t } from "../../../texts";
import type { FunnelQuery } from "../query/insightQuery";
import classes from "./Funnel.module.css";
import { ownFilters } from "./NoResult";

/** A bar for each step: those who reached it, and hatched those who dropped off before it. */
export function FunnelBars({ steps, query, body }: { steps: FunnelStep[]; query: FunnelQuery; body: Record<string, unknown> }) {
  const emptied = steps.findIndex(({ persons }) => persons === 0);
  const selector = query.steps[emptied];
  const entered = steps[0]?.persons ?? 0;
  const width = (persons: number) => `${entered === 0 ? 0 : (persons / entered) * 100}%`;
  return (
    <>
    <ol className={classes.steps}>
      {steps.map((step, index) => {
        const before = steps[index - 1]?.persons ?? step.persons;
        return (
          <li key={index} aria-label={t.insights.stepSummary(index + 1, step.label, step.persons)}>
            {index === 0 ? null : (
              <div className={classes.between}>
                <IconArrowDown size={13} aria-hidden="true" />
                <span>{t.explore.wentOn(sharePercent(step.from_previous))}</span>
                <Door figure={t.explore.droppedBefore(step.label)} question={before > step.persons ? { kind: "funnel", query: body, point: { step: index, dropped: true } } : null}>
                  <span className={classes.lost}>{t.explore.droppedOff(before - step.persons, sharePercent(before === 0 ? 0 : (before - step.persons) / before))}</span>
                </Door>
                {step.median_seconds === null ? null : (
                  <span className={classes.time}>
                    <IconClock size={13} aria-hidden="true" /> {t.explore.medianFromFirst(duration(step.median_seconds))}
                  </span>
                )}
              </div>
            )}
            <div className={classes.step}>
              <span className={classes.name} title={step.label}>
                {t.insights.numberedStep(index + 1, step.label)}
              </span>
              <span className={classes.track} aria-hidden="true">
                <span className={classes.reached} style={{ width: width(step.persons) }} />
                <span className={classes.dropped} style={{ width: width(before - step.persons) }} />
              </span>
              <span className={classes.count}>
                <Door figure={t.explore.reached(step.label)} question={step.persons > 0 ? { kind: "funnel", query: body, point: { step: index } } : null}>
                  {exactNumber(step.persons)}
                </Door>
              </span>
              <span className={classes.share}>{sharePercent(step.conversion)}</span>
            </div>
          </li>
        );
      })}
    </ol>
    {selector ? (
      <p className={classes.note} role="note">
        {t.explore.nobodyReached(t.insights.numberedStep(emptied + 1, steps[emptied]?.label ?? ""), ownFilters(selector))}
      </p>
    ) : null}
    </>
  );
}
