import { Stack, Text, Title } from "@mantine/core";

/** A text of a dashboard: headings, and paragraphs that empty lines part. */
export function TextTile({ text }: { text: string }) {
  return (
    <Stack gap="xs">
      {text.split(/\n\s*\n/).map((part, index) => {
        const [, marks = "", heading] = /^(#{1,3})\s+(.*)$/.exec(part.trim()) ?? [];
        if (heading !== undefined) {
          return (
            <Title key={index} order={3} fz={20 - 2 * marks.length}>
              {heading}
            </Title>
          );
        }
        return (
          <Text key={index} size="sm" style={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}>
            {part.trim()}
          </Text>
        );
      })}
    </Stack>
  );
}

/** What a text tile is called: its first line, without the marks of a heading. */
export function textTitle(text: string): string {
  return (text.trim().split("\n")[0] ?? "").replace(/^#+\s*/, "").slice(0, 80);
}
