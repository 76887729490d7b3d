// Search from disk: where pages come by file:, browsers start no worker from a file. This one is a hidden frame that runs
// the same script and is spoken to by messages. Elsewhere it changes nothing.
if (location.protocol === "file:") {
  class FrameWorker extends EventTarget {
    constructor(url) {
      super();
      this.frame = Object.assign(document.createElement("iframe"), { hidden: true, title: "search" });
      document.body.append(this.frame);
      const inside = this.frame.contentDocument;
      inside.open();
      inside.write("<!doctype html><body></body>");
      inside.close();
      const scope = this.frame.contentWindow;
      const run = (address) =>
        new Promise((loaded, failed) => {
          const script = Object.assign(inside.createElement("script"), { src: address, onload: loaded, onerror: failed });
          inside.body.append(script);
        });
      scope.postMessage = (data) => this.tell(data);
      scope.importScripts = (...addresses) =>
        addresses.reduce((before, address) => before.then(() => run(address)), Promise.resolve());
      this.ready = run(url);
    }

    tell(data) {
      const event = new MessageEvent("message", { data });
      this.dispatchEvent(event);
      this.onmessage?.(event);
    }

    postMessage(data) {
      const scope = this.frame.contentWindow;
      this.ready.then(() => scope.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      this.frame.remove();
    }
  }
  window.Worker = FrameWorker;
}
