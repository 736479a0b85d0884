import { Anchor, Stack, Table, Text, TextInput } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import type { FlagPreview, PreviewedPerson } from "../../api/flags/flags";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { Name } from "../../components/text/Name";
import { RankList } from "../../components/tables/RankList";
import { exactNumber } from "../../format/numbers";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { valueName } from "./flagSentence";
import classes from "./FlagsPage.module.css";

const texts = t.flags.preview;

interface FlagPreviewPanelProps {
  project: Project;
  preview: { data: FlagPreview | undefined; error: Error | null; refetch: () => unknown };
  isComplete: boolean;
  /** What is shown is not yet of what was entered last. */
  isOutdated: boolean;
  /** The distinct id that somebody tries. */
  tried: string;
  onTry: (distinctId: string) => void;
}

/** Who would have the flag as it is entered: how many of the latest users, some of them, and one by id. */
export function FlagPreviewPanel({ project, preview, isComplete, isOutdated, tried, onTry }: FlagPreviewPanelProps) {
  const { data, error } = preview;
  return (
    <Stack gap={8} component="section" className={classes.preview ?? ""} aria-label={texts.title} aria-busy={isOutdated}>
      <Text size="sm" fw={550}>
        {texts.title}
      </Text>
      {isComplete ? null : (
        <Text size="sm" c="dimmed">
          {texts.incomplete}
        </Text>
      )}
      {isComplete && error ? <ErrorAlert title={texts.failed} error={error} retry={() => void preview.refetch()} /> : null}
      {isComplete && !data && !error ? <LoadingSkeleton height={120} radius="md" /> : null}
      {isComplete && data && !error ? (
        <div data-outdated={isOutdated}>
          <Shown project={project} preview={data} />
        </div>
      ) : null}
      <TextInput
        size="xs"
        label={data?.group_type ? texts.tryGroup : texts.tryId}
        maxLength={400}
        value={tried}
        onChange={(event) => {
          onTry(event.currentTarget.value);
        }}
      />
      {isComplete && data?.tested && data.tested.distinct_id === tried.trim() ? (
        <Text size="sm" role="status" style={{ overflowWrap: "anywhere" }}>
          {texts.tested(data.tested.distinct_id, valueName(data.tested.value), reasonName(data.tested))}{" "}
          {data.tested.person_id === null && data.group_type === null ? texts.unknownId : null}
        </Text>
      ) : null}
    </Stack>
  );
}

function Shown({ project, preview: { group_type: groupType, persons, is_sample: isSample, values, reasons, examples } }: { project: Project; preview: FlagPreview }) {
  const words = groupType === null ? texts : texts.ofGroups;
  if (persons === 0) {
    return (
      <Text size="sm" c="dimmed">
        {words.nobody}
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Text size="sm" role="status">
        {isSample ? words.ofLatest(exactNumber(persons)) : words.ofAll(exactNumber(persons))}
      </Text>
      <RankList
        label={words.values}
        rows={values.map(({ value, persons: count }) => ({ value, label: valueName(value), count, share: count / persons }))}
      />
      <ul style={{ margin: 0, paddingInlineStart: 20, fontSize: "var(--mantine-font-size-sm)" }} aria-label={words.reasons}>
        {reasons.map((one) => (
          <li key={`${one.reason} ${one.condition_index ?? ""}`}>{texts.decided(exactNumber(one.persons), reasonName(one))}</li>
        ))}
      </ul>
      <Table fz="sm" aria-label={words.examples} layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.column}</Table.Th>
            <Table.Th scope="col">{texts.columns.value}</Table.Th>
            <Table.Th scope="col">{texts.columns.reason}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {examples.map((one) => (
            <Table.Tr key={`${one.person_id ?? ""} ${one.distinct_id}`}>
              <Table.Th scope="row" fw={400} style={{ overflowWrap: "anywhere" }}>
                {one.person_id === null ? (
                  <Name>{one.distinct_id}</Name>
                ) : (
                  <Anchor component={Link} inherit target="_blank" to={projectAddress(project.id, `/people/${one.person_id}`)}>
                    <Name>{one.distinct_id}</Name>
                  </Anchor>
                )}
              </Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{valueName(one.value)}</Table.Td>
              <Table.Td>{reasonName(one)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        {texts.note}
      </Text>
    </Stack>
  );
}

/** Why somebody has a value, in words. */
function reasonName({ reason, condition_index: index }: Pick<PreviewedPerson, "reason" | "condition_index">): string {
  return reason === "condition_match" && index !== null ? texts.byCondition(index + 1) : texts.reasonNames[reason];
}
