const UNUSABLE = /[\\/:*?"<>|\p{Cc}]+/gu;

/** Have the browser save a file. Characters that file systems refuse are left out of its name. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name.replace(UNUSABLE, " ").trim();
  link.click();
  // Not at once: the browser reads the file after the click.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}
