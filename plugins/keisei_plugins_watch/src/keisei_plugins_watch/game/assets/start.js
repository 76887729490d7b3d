// Plays the game of the server that the page came from.

import { takeToken } from "../server/connection.js";
import { Page } from "./page.js";

takeToken();
new Page(document.getElementById("page"));
