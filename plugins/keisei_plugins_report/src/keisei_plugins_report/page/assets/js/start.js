// Draws the document that stands in the page.

import { Page } from "./main.js";

new Page(document.getElementById("page"), JSON.parse(document.getElementById("document").textContent));
