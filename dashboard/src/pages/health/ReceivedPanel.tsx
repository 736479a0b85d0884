import { Text } from "@mantine/core";
import { Panel } from "../../components/page/Panel";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";
import type { Health } from "./health";
import classes from "./HealthPage.module.css";

const OUTCOMES = ["stored", "duplicate", "refused"] as const;

/** Received = stored + duplicate + refused, as one bar. */
export function ReceivedPanel({ health }: { health: Health }) {
  const { received } = health;
  return (
    <Panel title={t.health.received}>
      <Text size="sm" mb="sm" className="tm-figures">
        {t.health.equation(health)}
      </Text>
      <div className={classes.bar} aria-hidden="true">
        {OUTCOMES.map((outcome) =>
          health[outcome] > 0 ? (
            <span key={outcome} className={classes.part} data-outcome={outcome} style={{ flexGrow: health[outcome] }} />
          ) : null,
        )}
      </div>
      <ul className={classes.legend}>
        {OUTCOMES.map((outcome) => (
          <li key={outcome}>
            <span className={classes.swatch} data-outcome={outcome} aria-hidden="true" />
            <div>
              <strong className="tm-figures">{exactNumber(health[outcome])}</strong> {t.health.outcomes[outcome].label}
              <Text size="xs" c="dimmed">
                {t.health.ofAll(received === 0 ? 0 : health[outcome] / received)}, {t.health.outcomes[outcome].note}
              </Text>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
