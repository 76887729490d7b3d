// A question that has to be answered before something is done that can't be undone.

import { el } from "../report/dom.js";

/** Asks and resolves to whether the answer was `yes`; Escape is a no, and the no has the focus. */
export function askFirst(question, yes, no) {
  return new Promise((resolve) => {
    const close = (answer) => () => dialog.close(answer);
    const dialog = el(
      "dialog", { "aria-labelledby": "question", onclose: () => resolve(dialog.returnValue === "yes") || dialog.remove() },
      el("p", { id: "question" }, question),
      el("div", { class: "bar" }, el("button", { type: "button", autofocus: true, onclick: close("no") }, no), el("button", { type: "button", class: "alarm", onclick: close("yes") }, yes)),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
