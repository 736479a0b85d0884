import { UnstyledButton } from "@mantine/core";
import { useId, type ReactNode } from "react";
import { useAddressState } from "../../components/page/useAddressState";
import classes from "./WebPage.module.css";

export interface CardTab {
  /** In the address; the first tab is not. */
  key: string;
  label: string;
  /** What the figures of the tab are. */
  column: string;
  content: ReactNode;
}

interface TabbedCardProps {
  /** The parameter of the address that holds the tab. */
  name: string;
  tabs: readonly [CardTab, ...CardTab[]];
}

/** A card with several lists, of which a tab chooses one. */
export function TabbedCard({ name, tabs }: TabbedCardProps) {
  const id = useId();
  const [chosen, set] = useAddressState(name);
  const shown = tabs.find(({ key }) => key === chosen) ?? tabs[0];
  const choose = (tab: CardTab) => {
    set(tab === tabs[0] ? "" : tab.key);
  };
  return (
    <section className={classes.card} aria-label={tabs[0].label}>
      <div className={classes.head}>
        <div className={classes.tabs} role="tablist" aria-label={tabs[0].label}>
          {tabs.map((tab, index) => (
            <UnstyledButton
              key={tab.key}
              role="tab"
              id={`${id}-${tab.key}`}
              aria-controls={id}
              aria-selected={tab === shown}
              tabIndex={tab === shown ? 0 : -1}
              className={classes.tab}
              onKeyDown={(event) => {
                const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
                const next = tabs[(index + step + tabs.length) % tabs.length];
                if (step === 0 || next === undefined) return;
                choose(next);
                document.getElementById(`${id}-${next.key}`)?.focus();
              }}
              onClick={() => {
                choose(tab);
              }}
            >
              {tab.label}
            </UnstyledButton>
          ))}
        </div>
        <span className={classes.column}>{shown.column}</span>
      </div>
      <div id={id} role="tabpanel" aria-labelledby={`${id}-${shown.key}`} className={classes.body}>
        {shown.content}
      </div>
    </section>
  );
}
