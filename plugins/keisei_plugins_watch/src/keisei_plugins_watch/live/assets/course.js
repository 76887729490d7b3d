// How the run goes: its state, how far it is, its last match, whether the server still tells, and the button that stops it.

import { el, figure } from "../report/dom.js";
import { duration } from "../report/head.js";
import { act } from "../server/connection.js";
import { askFirst } from "./dialog.js";

const STOPPABLE = ["training", "matches"];

/** Draws the section; `update` changes words in their places, which a screen reader tells of. */
export function drawCourse(context) {
  const course = new Course(context.say);
  course.show(context.document);
  return { parts: [course.element], update: ({ document }) => course.show(document) };
}

class Course {
  constructor(say) {
    this.say = say;
    this.state = el("p", { class: "state", role: "status" });
    this.connection = el("p", { class: "alarm", role: "alert" });
    this.bar = el("progress", { max: 1, "aria-label": say("course.progress") });
    this.facts = el("p", {});
    this.resume = el("p", {});
    this.answer = el("p", { role: "status" });
    this.stop = el("button", { type: "button", onclick: () => this.askToStop() }, say("stop"));
    const play = el("a", { href: "/game/", class: "play-it" }, say("course.play"));
    this.element = el("section", { class: "card course" }, el("div", { class: "top" }, this.state, play, this.stop), this.connection, this.bar, this.facts, this.resume, this.answer);
  }

  show({ course, problem, connection, runs }) {
    const { say } = this;
    const isOpen = connection === "open";
    put(this.state, say(`state.${course.state}`, { pid: course.pid }));
    put(this.connection, isOpen ? problem : say(`connection.${connection}`));
    put(this.facts, factsOf(course, runs[0].head, say).join(say.language === "ja" ? "、" : " · "));
    put(this.resume, course.state === "stopped" && course.saved ? say("course.resume", { command: course.resume }) : "");
    this.bar.value = course.state === "ended" ? 1 : course.share;
    this.stop.hidden = !(isOpen && STOPPABLE.includes(course.state));
    if (!STOPPABLE.includes(course.state)) put(this.answer, "");
    return true;
  }

  async askToStop() {
    const { say } = this;
    if (!(await askFirst(say("stop.sure"), say("stop"), say("stop.not")))) return;
    try {
      const { phase, pid } = await act("/api/stop");
      put(this.answer, say(`stop.${phase}`, { pid }));
    } catch (error) {
      put(this.answer, say("stop.failed", { reason: error.message }));
    }
  }
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

function factsOf(course, head, say) {
  const { match, left_s: left, saved, state } = course;
  const facts = [say("course.update", { update: figure(head.update), updates: figure(head.updates), percent: Math.floor(100 * course.share) })];
  if (state === "training" && left !== null) facts.push(say("course.left", { time: duration(left, say) }));
  if (match) facts.push(say("course.match", { ...match, score: match.score.toFixed(2), low: figure(match.low), high: figure(match.high) }));
  if (saved) facts.push(say("course.saved", { saved }));
  return facts;
}
