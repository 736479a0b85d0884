/** Records that a form was begun and sent. Never what was entered. */
import type { Host } from "../modules.js";

export function start(host: Host): void {
  const begun = new WeakSet<HTMLFormElement>();

  function record(name: string, form: HTMLFormElement): void {
    const attribute = (of: string): string => form.getAttribute(of) ?? "";
    const action = new URL(attribute("action") || location.href, location.href);
    host.record(name, { form_id: form.id, form_name: attribute("name"), form_action: action.origin + action.pathname });
  }

  addEventListener(
    "focusin",
    ({ target }) => {
      const form = target instanceof Element ? target.closest("form") : null;
      if (!form || begun.has(form)) return;
      begun.add(form);
      record("form_start", form);
    },
    { capture: true },
  );
  addEventListener(
    "submit",
    ({ target }) => {
      if (target instanceof HTMLFormElement) record("form_submit", target);
    },
    { capture: true },
  );
}
