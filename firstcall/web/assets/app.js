// What every page needs in a browser. Everything works from markup: nothing here knows a page.
import htmx from "htmx.org/dist/htmx.esm.js";
import Alpine from "@alpinejs/csp";
import { tellAway } from "./away.js";
import { askFirst } from "./asking.js";
import { listenToMoves } from "./moving.js";
import { listenToOrder } from "./ordered.js";
import { listenToRows } from "./listed.js";
import { listenToKeys } from "./keys.js";
import { listenToMenus } from "./menus.js";
import { listenToForms } from "./forms.js";
import { copyOnClick, lookForNews } from "./live.js";
import { search } from "./search.js";
import { choosing } from "./choosing.js";
import { showProgress } from "./progress.js";
import { listenToSheets } from "./sheets.js";
import { listenToTheme } from "./themes.js";
import { listenToToasts } from "./toasts.js";

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-CSRFToken"] = token();
});

listenToTheme();
listenToToasts();
listenToMenus();
tellAway();
askFirst();
showProgress();
listenToForms();
lookForNews();
copyOnClick();
listenToSheets();
listenToOrder();
listenToRows();
listenToMoves();

Alpine.data("search", search);
Alpine.data("choosing", choosing);
// By itself htmx begins a task later, and keys that are pressed between are lost.
htmx.initialize();
Alpine.start();
listenToKeys();
