import { Skeleton, Text } from "@mantine/core";
import type { LiveValue } from "../../api/home";
import { Name } from "../../components/Name";
import { Panel } from "../../components/Panel";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";
import classes from "./LivePage.module.css";

interface LiveValuesProps {
  title: string;
  /** undefined: on their way. */
  values: readonly LiveValue[] | undefined;
  /** What a value is called. */
  name: (value: string | null) => string;
  /** What is said without users. */
  empty: string;
}

/** Where the users of now are, each value with a bar behind it. */
export function LiveValues({ title, values, name, empty }: LiveValuesProps) {
  const most = Math.max(1, ...(values ?? []).map(({ users }) => users));
  return (
    <Panel title={title}>
      {values === undefined ? <Skeleton height={96} /> : null}
      {values?.length === 0 ? (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      ) : null}
      <ul className={classes.values}>
        {values?.map(({ value, users }) => (
          <li key={value ?? ""} className={classes.value} aria-label={t.live.usersAt(name(value), users)}>
            <span className={classes.fill} style={{ width: `${(users / most) * 80}%` }} aria-hidden="true" />
            <span className={classes.name} title={name(value)}>
              <Name>{name(value)}</Name>
            </span>
            <span className={classes.count}>{exactNumber(users)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
