// A section of the page, drawn anew only where what it shows is another: a reader keeps the place where he is.

import { el, refilled } from "./dom.js";

export class Section {
  /**
   * `draw(context)` returns elements, or `parts` with `update(context)`, which takes another document in and returns whether
   * it could. `shown(document)` returns what of a document is shown.
   */
  constructor(draw, shown) {
    Object.assign(this, { draw, shown, element: el("div"), before: null, drawn: null });
  }

  /** Shows a document; anew, where its language or theme is another. */
  show(context, isAnew) {
    const shown = JSON.stringify(this.shown(context.document));
    if (shown === this.before && !isAnew) return;
    this.before = shown;
    if (!isAnew && this.drawn?.update?.(context)) return;
    this.drawn = this.draw(context);
    refilled(this.element, this.drawn.parts ?? this.drawn);
  }
}
