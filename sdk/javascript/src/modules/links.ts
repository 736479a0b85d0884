/** Records clicks on links to other sites and to files. */
import type { Host } from "../modules.js";

const FILE = /\.(7z|apk|avi|csv|dmg|docx?|epub|exe|gz|ics|iso|key|mov|mp[34]|msi|ods|odt|pdf|pkg|pptx?|rar|rtf|tar|tgz|tsv|txt|wav|webm|wma|wmv|xlsx?|xml|zip)$/i;

export function start(host: Host): void {
  function onClick(event: MouseEvent): void {
    // The middle button opens a link too; the right one opens a menu.
    if (event.button > 1) return;
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement && node.href);
    if (!(link instanceof HTMLAnchorElement) || !link.protocol.startsWith("http")) return;
    const properties = {
      url: link.origin + link.pathname + link.search,
      link_text: link.textContent.trim().slice(0, 200),
    };
    const extension = FILE.exec(link.pathname)?.[1]?.toLowerCase();
    if (extension ?? link.hasAttribute("download")) host.record("file_download", { ...properties, file_extension: extension ?? "" });
    else if (link.host !== location.host) host.record("outbound_click", properties);
  }

  addEventListener("click", onClick, { capture: true });
  addEventListener("auxclick", onClick, { capture: true });
}
