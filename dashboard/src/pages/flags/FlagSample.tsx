import { Group, Stack } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { ChoiceBar } from "../../components/forms/ChoiceBar";
import { CopyField } from "../../components/text/CopyField";
import { t } from "../../texts";
import { flagSample, type FlagSdk, type SampleFlag } from "./flagSample";

const SDKS = (Object.keys(t.flags.sdks) as FlagSdk[]).map((value) => ({ value, label: t.flags.sdks[value] }));

/** How code asks for a flag, with Tidemark's SDK or another; nothing in a project without a public key. */
export function FlagSample({ project: { public_key: publicKey }, flag }: { project: Project; flag: SampleFlag }) {
  const [sdk, choose] = useState<FlagSdk>("tidemark");
  if (publicKey === null) return null;
  return (
    <Stack gap="xs">
      <Group>
        <ChoiceBar label={t.flags.sampleSdk} data={SDKS} value={sdk} onChange={choose} />
      </Group>
      <CopyField label={t.flags.sample} value={flagSample(sdk, { origin: window.location.origin, publicKey }, flag)} />
    </Stack>
  );
}
