import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { CopyField } from "../../components/text/CopyField";
import { Panel } from "../../components/page/Panel";
import { RichText } from "../../components/text/RichText";
import { useAddressState } from "../../components/page/useAddressState";
import { t } from "../../texts";
import classes from "./Install.module.css";
import { LiveCheck } from "./LiveCheck";
import { SERVERS, snippetsOf, type Platform } from "./snippets";

const GROUPS: { label: string; platforms: readonly Platform[] }[] = [
  {
    label: t.install.groups.own,
    platforms: ["html", "react", "next", "vue", "node", "python", "unity", "godot", "csharp", "curl"],
  },
  { label: t.install.groups.switching, platforms: ["posthog", "segment", "ga"] },
];

/** How to send events from any platform, and a check that they arrive. */
export function InstallGuide({ project }: { project: Project }) {
  const [chosen, choose] = useAddressState("platform");
  const platform = isPlatform(chosen) ? chosen : "html";
  return (
    <div className={classes.layout}>
        <Stack gap="md">
          <div className={classes.platforms} role="group" aria-label={t.install.platforms}>
            {GROUPS.map(({ label, platforms }) => (
              <div key={label} className={classes.group}>
                <span className={classes.groupName}>{label}</span>
                {platforms.map((one) => (
                  <button
                    key={one}
                    type="button"
                    className={classes.platform}
                    aria-pressed={one === platform}
                    onClick={() => {
                      choose(one === "html" ? "" : one);
                    }}
                  >
                    {t.install.names[one]}
                  </button>
                ))}
              </div>
            ))}
          </div>
          <Panel title={t.install.names[platform]}>
            <Instructions project={project} platform={platform} />
          </Panel>
        </Stack>
        <LiveCheck project={project} />
    </div>
  );
}

/** What to paste for a platform, with the project's key in it. */
function Instructions({ project, platform }: { project: Project; platform: Platform }) {
  const settings = (
    <Anchor component={Link} to={projectAddress(project.id, "/settings/keys")} inherit underline="always">
      {t.install.settings}
    </Anchor>
  );
  if (project.public_key === null) {
    return (
      <Text size="sm">
        <RichText text={t.install.noPublicKey} values={{ settings }} />
      </Text>
    );
  }
  const snippets = snippetsOf(platform, { origin: window.location.origin, publicKey: project.public_key });
  return (
    <Stack gap="lg">
      {snippets.map(({ label, code, note }) => (
        <div key={label}>
          <CopyField label={label} value={code} />
          {note ? (
            <Text size="sm" c="dimmed" mt={6}>
              {note}
            </Text>
          ) : null}
        </div>
      ))}
      {SERVERS.includes(platform) ? (
        <Text size="sm" c="dimmed">
          <RichText text={t.install.notes.secret} values={{ prefix: <code>sk_</code>, settings }} />
        </Text>
      ) : null}
    </Stack>
  );
}

function isPlatform(text: string): text is Platform {
  return Object.hasOwn(t.install.names, text);
}
