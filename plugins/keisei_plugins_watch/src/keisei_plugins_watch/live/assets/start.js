// Follows a run: the report's page with a section above it, fed by the server's events.

import { Look } from "../report/look.js";
import { Page, UNDER_WAY } from "../report/main.js";
import { wordsOf } from "../report/words.js";
import { follow, takeToken } from "../server/connection.js";
import { drawCourse } from "./course.js";
import { WORDS } from "./words.js";

const COURSE = [drawCourse, ({ course, problem, connection, runs }) => [course, problem, connection, runs[0].head]];
const host = document.getElementById("page");
const report = { connection: "open" };
let page = null;

/** Puts what changed into the document, each part at its place. */
export function apply(changes, into) {
  for (const [place, part] of changes) {
    const last = place.at(-1);
    const holder = place.slice(0, -1).reduce((found, name, at) => (found[name] ??= typeof place[at + 1] === "number" ? [] : {}), into);
    holder[last] = part;
  }
}

function show() {
  if (page) page.show(report);
  else if (report.runs) page = new Page(host, report, { sections: [COURSE, ...UNDER_WAY], words: WORDS, isLive: true });
  else host.textContent = report.problem || wordsOf(new Look(show).language, WORDS)(`connection.${report.connection}`);
}

takeToken();
follow(
  "/api/events",
  ({ changes }) => {
    apply(changes, report);
    show();
  },
  (state) => {
    report.connection = state;
    show();
  },
);
