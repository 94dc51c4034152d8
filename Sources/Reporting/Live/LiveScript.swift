import Foundation

/// The one script of a live page: it swaps in what the server has drawn, and keeps open what the reader has opened. The page's policy names it by
/// its hash.
enum LiveScript {
    static let text = """
        (() => {
          const byId = (id) => document.getElementById(id);
          const say = (id, text, kind) => {
            const element = byId(id);
            if (element.textContent !== text) element.textContent = text;
            if (kind) element.dataset.kind = kind;
          };
          const swap = ({id, text}) => {
            const old = byId(id), template = document.createElement("template");
            template.innerHTML = text;
            const fresh = template.content.firstElementChild;
            if (!old || !fresh) return;
            const active = document.activeElement, focus = old.contains(active) ? active.closest("figure")?.id : null;
            const opened = [...old.querySelectorAll("details[open]")].map((one) =>
              [one.closest("figure")?.id, one.querySelector(".scroll")?.scrollTop ?? 0]);
            old.replaceWith(fresh);
            for (const [figure, top] of opened) {
              const one = figure ? byId(figure)?.querySelector("details") : null;
              if (one) { one.open = true; one.querySelector(".scroll").scrollTop = top; }
            }
            if (focus) byId(focus)?.querySelector(active.tagName === "SUMMARY" ? "summary" : ".scroll")?.focus();
          };
          const take = (event) => {
            const {parts, skipped} = JSON.parse(event.data);
            parts.forEach(swap);
            document.body.dataset.after = event.lastEventId;
            const title = byId("head")?.dataset.title;
            if (title ? title !== document.title : false) { document.title = title; say("news", title); }
            return skipped;
          };
          const source = new EventSource("events?after=" + document.body.dataset.after);
          source.onopen = () => say("link", "live", "live");
          source.onerror = () => say("link", "no connection, trying again", "lost");
          source.addEventListener("update", (event) => {
            const skipped = take(event);
            say("link", skipped ? `live, ${skipped} updates skipped` : "live", "live");
          });
          source.addEventListener("end", (event) => {
            take(event);
            source.close();
            say("link", "ended", "over");
          });
        })();
        """

    /// As a policy names it.
    static let hash = "sha256-" + Data(SHA256.digest(Array(text.utf8))).base64EncodedString()
}
