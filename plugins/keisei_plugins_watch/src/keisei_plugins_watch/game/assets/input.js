// A board that takes moves: by clicks, by dragging, and by keys.

import { drawArrow, drawBoard, drawPiece, handBox, heldBy, squareBox } from "../report/board.js";
import { el, svg } from "../report/dom.js";
import { movesTo, pieceAt, targetsFrom } from "./legal.js";

const RANKS = "abcdefghi";
const DRAG_FROM = 6; // pixels that tell a drag from a click

export class BoardInput {
  /**
   * Takes what it tells: `onmoves(usi, ...)` gets a move, or two where a choice is left whether to promote; `onsay(text)` what a
   * screen reader says; `onend()` that a drag is over, during which the board must stay where it is.
   */
  constructor({ onmoves, onsay, onend }) {
    this.onmoves = onmoves;
    this.onsay = onsay;
    this.onend = onend;
    this.taken = null; // where the piece stands that was taken up: "7g", or "P*" in hand
    this.cursor = "5i";
    this.drag = null;
    this.host = el("div", { class: "table", tabindex: 0, "data-keep": "board", role: "application", onkeydown: (event) => this.press(event), onpointerdown: (event) => this.down(event) });
    this.host.addEventListener("pointermove", (event) => this.move(event));
    this.host.addEventListener("pointerup", (event) => this.up(event));
    this.host.addEventListener("pointercancel", () => this.drop());
  }

  /** Shows a position: `legal` moves that may be made, `last` move, `hints` with `move` and `share`, whose `side` "b" or "w" is below. */
  show({ position, legal, last, hints, isFlipped, side, label, say }) {
    Object.assign(this, { position, legal, last, hints, isFlipped, side, say });
    this.host.setAttribute("aria-label", label);
    if (this.taken && !targetsFrom(legal, this.taken).length) this.taken = null;
    this.draw();
  }

  draw() {
    const board = drawBoard({ position: this.position, last: this.last, isFlipped: this.isFlipped, label: this.host.getAttribute("aria-label") });
    board.append(...this.places(), ...this.marks(), ...this.hints.map(({ move, share }) => drawArrow(move, this.isFlipped, share ?? 0.5)));
    this.host.replaceChildren(board);
  }

  /** What a pointer can be over: every square and every kind in the mover's hand. */
  places() {
    const squares = [...RANKS].flatMap((rank) => Array.from({ length: 9 }, (_, file) => `${file + 1}${rank}`));
    const boxes = [...squares.map((at) => [at, this.box(at)]), ...heldBy(this.position, this.side).map((kind) => [`${kind}*`, this.box(`${kind}*`)])];
    return boxes.map(([at, { x, y, size }]) => {
      const isMovable = targetsFrom(this.legal, at).length > 0;
      return svg("rect", { x, y, width: size, height: size, fill: "transparent", "data-at": at, class: isMovable || this.isTarget(at) ? "may" : null });
    });
  }

  marks() {
    const frame = (at, name) => {
      const box = this.box(at);
      return box && svg("rect", { x: box.x + 2, y: box.y + 2, width: box.size - 4, height: box.size - 4, class: name, fill: "none" });
    };
    const targets = this.taken ? targetsFrom(this.legal, this.taken) : [];
    const dots = targets.map((at) => {
      const { x, y, size } = this.box(at);
      return svg("circle", { cx: x + size / 2, cy: y + size / 2, r: pieceAt(this.position, at) ? size / 2 - 3 : 7, class: pieceAt(this.position, at) ? "takes" : "goes" });
    });
    return [...(this.taken ? [frame(this.taken, "taken")] : []), ...dots, frame(this.cursor, "cursor")].filter(Boolean);
  }

  box(at) {
    return at[1] === "*" ? handBox(this.position, this.side, at[0], this.isFlipped) : squareBox(at, this.isFlipped);
  }

  isTarget(at) {
    return this.taken !== null && movesTo(this.legal, this.taken, at).length > 0;
  }

  /** Takes a piece up, puts it down, or leaves it. */
  choose(at) {
    if (this.isTarget(at)) {
      const moves = movesTo(this.legal, this.taken, at);
      this.taken = null;
      this.draw();
      this.onmoves(...moves);
      return;
    }
    const targets = targetsFrom(this.legal, at);
    this.taken = targets.length && at !== this.taken ? at : null;
    this.draw();
    if (this.taken) this.onsay(this.say("chosen", { square: at, piece: this.nameOf(at), count: targets.length }));
  }

  nameOf(at) {
    const piece = pieceAt(this.position, at);
    return piece ? this.say(piece.toUpperCase()) : this.say("empty");
  }

  at(event) {
    return document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-at]")?.dataset.at ?? null;
  }

  down(event) {
    const at = this.at(event);
    if (!at || event.button > 0) return;
    event.preventDefault();
    this.host.focus({ preventScroll: true });
    this.cursor = at;
    if (this.isTarget(at) || !targetsFrom(this.legal, at).length) {
      this.choose(at);
      return;
    }
    const wasTaken = this.taken === at;
    if (!wasTaken) this.choose(at);
    this.drag = { at, wasTaken, x: event.clientX, y: event.clientY, ghost: null };
    this.host.setPointerCapture(event.pointerId);
  }

  move(event) {
    if (!this.drag) return;
    const far = Math.hypot(event.clientX - this.drag.x, event.clientY - this.drag.y) > DRAG_FROM;
    if (!this.drag.ghost && !far) return;
    const board = this.host.querySelector("svg");
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(board.getScreenCTM().inverse());
    this.drag.ghost?.remove();
    const letter = pieceAt(this.position, this.drag.at);
    const piece = this.side === "b" ? letter.toUpperCase() : letter.toLowerCase();
    this.drag.ghost = svg("g", { class: "ghost" }, drawPiece(piece, point.x - 22, point.y - 22, this.isFlipped, 1.15));
    board.append(this.drag.ghost);
  }

  up(event) {
    if (!this.drag) return;
    const { at: from, wasTaken, ghost } = this.drag;
    const at = this.at(event);
    this.drop();
    if (ghost && at && at !== from) {
      this.cursor = at;
      if (this.isTarget(at)) this.choose(at);
    } else if (!ghost && wasTaken) {
      this.choose(from);
    }
  }

  drop() {
    if (!this.drag) return;
    this.drag.ghost?.remove();
    this.drag = null;
    this.onend();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in steps) this.step(...steps[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.choose(this.cursor);
    else if (event.key === "Escape" && this.taken) this.choose(this.taken);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Moves the frame: over the squares as one sees them, and beyond the edge to the hand that is there. */
  step(across, down) {
    const held = heldBy(this.position, this.side);
    const isRight = (this.side === "w") === this.isFlipped;
    const outwards = isRight ? 1 : -1;
    if (this.cursor[1] === "*") {
      const at = held.indexOf(this.cursor[0]) - outwards * down;
      if (across === -outwards) this.cursor = this.squareOf(isRight ? 8 : 0, isRight ? 8 : 0);
      else if (down && held[at]) this.cursor = `${held[at]}*`;
    } else {
      const { x, y, size } = squareBox(this.cursor, this.isFlipped);
      const corner = squareBox(this.isFlipped ? "1i" : "9a", this.isFlipped);
      const column = Math.round((x - corner.x) / size) + across;
      const row = Math.round((y - corner.y) / size) + down;
      if ((column > 8 || column < 0) && across === outwards && held.length) this.cursor = `${held[0]}*`;
      else if (column >= 0 && column <= 8 && row >= 0 && row <= 8) this.cursor = this.squareOf(column, row);
    }
    this.draw();
    this.onsay(this.cursor[1] === "*" ? `${this.say("hand")}: ${this.nameOf(this.cursor)}` : `${this.cursor} ${this.nameOf(this.cursor)}`);
  }

  squareOf(column, row) {
    return this.isFlipped ? `${column + 1}${RANKS[8 - row]}` : `${9 - column}${RANKS[row]}`;
  }
}
