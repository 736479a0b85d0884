/** After an order. */

import { element } from "../common/panel.js";
import "./page.js";

element("order").textContent = new URLSearchParams(location.search).get("order") ?? "";
