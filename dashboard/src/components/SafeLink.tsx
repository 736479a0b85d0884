import { Anchor } from "@mantine/core";

/** An address from a stranger: a link when it is one of the web, else only text. */
export function SafeLink({ address }: { address: string }) {
  if (!isWebAddress(address)) return <>{address}</>;
  return (
    <Anchor href={address} target="_blank" rel="noreferrer noopener" inherit style={{ overflowWrap: "anywhere" }}>
      {address}
    </Anchor>
  );
}

function isWebAddress(address: string): boolean {
  // Relative addresses would lead into this dashboard.
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}
