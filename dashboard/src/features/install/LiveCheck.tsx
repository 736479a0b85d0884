import { Alert, Anchor, Stack, Text, TextInput, Title } from "@mantine/core";
import { useId, useState } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project, Report } from "../../api/requests/client";
import { useInstallCheck } from "../../api/projects/install";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { Panel } from "../../components/page/Panel";
import { RichText } from "../../components/text/RichText";
import { reasonText } from "../outcomes";
import { countryName } from "../../format/country";
import { ago } from "../../format/time";
import { t } from "../../texts";
import classes from "./Install.module.css";

type Check = Report<"install-check">;

/** Whether events arrive, and the usual mistakes if they do not. */
export function LiveCheck({ project }: { project: Project }) {
  const check = useInstallCheck(project.id);
  const { data } = check;
  const texts = t.install.check;
  return (
    <Stack gap="md">
      <Panel title={texts.title}>
        <Stack gap="md">
          {check.error ? <ErrorAlert title={texts.failed} error={check.error} /> : null}
          <Arrival check={data} />
          {data && data.latest.length > 0 ? <Latest check={data} /> : null}
          {data ? <Refused check={data} /> : null}
        </Stack>
      </Panel>
      {data && data.latest.length > 0 ? <NextSteps project={project} /> : null}
      <Panel title={texts.whenNothing}>
        <Mistakes project={project} origins={data?.allowed_origins ?? []} />
      </Panel>
    </Stack>
  );
}

function Arrival({ check }: { check: Check | undefined }) {
  const latest = check?.latest[0];
  const texts = t.install.check;
  return (
    <div className={classes.state} data-received={latest !== undefined} role="status">
      <span className={classes.dot} aria-hidden="true" />
      <div>
        <strong>
          {check && latest
            ? texts.received({
                name: latest.event_name,
                from: [latest.host ?? latest.source, latest.browser, latest.country && countryName(latest.country)].filter(Boolean).join(", "),
                ago: ago(latest.received_at, new Date(check.now).getTime()),
              })
            : check
              ? texts.waiting
              : texts.looking}
        </strong>
        {check && !latest ? <Text size="sm">{texts.nothing}</Text> : null}
      </div>
    </div>
  );
}

function Latest({ check }: { check: Check }) {
  const heading = useId();
  const now = new Date(check.now).getTime();
  return (
    <section aria-labelledby={heading}>
      <Title order={3} fz="sm" mb={6} id={heading}>
        {t.install.check.latest}
      </Title>
      <ul className={classes.events}>
        {check.latest.map((event) => (
          <li key={`${event.received_at} ${event.event_name}`}>
            <span>{event.event_name}</span>
            <Text span size="sm" c="dimmed">
              {ago(event.received_at, now)}
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Refused({ check }: { check: Check }) {
  const texts = t.install.check;
  const total = check.refused.reduce((sum, { events }) => sum + events, 0);
  return (
    <>
      {total > 0 ? (
        <Alert color="coral" title={texts.refusedTitle(total)}>
          <Stack gap="xs">
            {check.refused.map(({ reason, detail, event_name: name }) => (
              <div key={`${reason} ${name}`}>
                <Text size="sm" fw={600}>
                  {reasonText(reason).label}
                </Text>
                <Text size="sm">{detail}</Text>
                {name ? <Text size="sm">{texts.ofEvent(name)}</Text> : null}
              </div>
            ))}
          </Stack>
        </Alert>
      ) : null}
      {check.filtered > 0 ? (
        <Text size="sm" c="dimmed">
          {texts.filtered(check.filtered)}
        </Text>
      ) : null}
    </>
  );
}

function NextSteps({ project }: { project: Project }) {
  const texts = t.install.check;
  const links: [path: string, label: string][] = [
    ["", texts.overview],
    ["/explore/funnel", texts.funnel],
    ["/settings/members", texts.invite],
  ];
  return (
    <Panel title={texts.next}>
      <ul className={classes.mistakes}>
        {links.map(([path, label]) => (
          <li key={path}>
            <Anchor component={Link} to={projectAddress(project.id, path)} inherit>
              {label}
            </Anchor>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Mistakes({ project, origins }: { project: Project; origins: readonly string[] }) {
  const { mistakes } = t.install.check;
  return (
    <Stack gap="md">
      <ul className={classes.mistakes}>
        <li>
          <RichText text={mistakes.key} values={{ key: <code style={{ overflowWrap: "anywhere" }}>{project.public_key}</code> }} />
        </li>
        <li>{origins.length > 0 ? mistakes.origin(origins.join(", ")) : mistakes.anyOrigin}</li>
        <li>
          <RichText text={mistakes.blocked} values={{ path: <code>EVENTS_PATH</code> }} />
        </li>
        <li>{mistakes.server}</li>
      </ul>
      <KeyCheck project={project} />
    </Stack>
  );
}

function KeyCheck({ project }: { project: Project }) {
  const [typed, setTyped] = useState("");
  const texts = t.install.check;
  const key = typed.trim();
  const isOwn = key === project.public_key;
  const isSecret = project.secret_key_prefix !== null && key.startsWith(project.secret_key_prefix);
  const answer = isOwn ? texts.keyMatches : isSecret ? texts.keySecret : texts.keyOther;
  return (
    <TextInput
      label={texts.compare}
      placeholder={texts.compareNote}
      value={typed}
      autoComplete="off"
      onChange={(change) => {
        setTyped(change.currentTarget.value);
      }}
      {...(key === "" ? {} : isOwn ? { description: answer } : { error: answer })}
    />
  );
}
