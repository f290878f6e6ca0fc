// What stands beside the drawing: the text of the spec, the details of what is selected, hits of a search, the legend.

function element(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...inside.flat(3).filter((part) => part !== null && part !== ""));
  return made;
}

const WORDS = /(#.*$)|("(?:[^"\\]|\\.)*")|\b(block|cell|network|import|return|for|in|if|else|and|or|not|oneof|shared|variant|of|edition)\b|(@\w+)|\b(\d[\d_]*(?:\.\d+)?[KMGT]?)\b/gm;

// A line of the text, its comments, strings, words and numbers told apart.
function coloured(line) {
  const parts = [];
  let at = 0;
  for (const found of line.matchAll(WORDS)) {
    parts.push(line.slice(at, found.index));
    const kind = ["comment", "string", "word", "note", "digits"][found.slice(1).findIndex((group) => group !== undefined)];
    parts.push(element("i", { class: kind }, found[0]));
    at = found.index + found[0].length;
  }
  return [...parts, line.slice(at)];
}

class SourcePanel {
  constructor(page) {
    this.page = page;
    this.list = document.getElementById("lines");
    this.choice = document.getElementById("file");
    this.file = 0;
    page.net.files.forEach(([name], i) => this.choice.append(element("option", { value: i }, name)));
    this.choice.hidden = page.net.files.length < 2;
    if (this.choice.hidden) document.getElementById("filename").append(...page.net.files.map(([name]) => name));
    this.choice.addEventListener("change", () => this.show(Number(this.choice.value)));
    const row = (event) => event.target.closest("[data-line]");
    this.list.addEventListener("mouseover", (event) => page.light(row(event) ? row(event).dataset.line : null));
    this.list.addEventListener("mouseleave", () => page.light(null));
    this.list.addEventListener("focusin", (event) => row(event) && page.light(row(event).dataset.line));
    this.list.addEventListener("click", (event) => row(event) && page.goToLine(row(event).dataset.line));
    this.list.addEventListener("keydown", (event) => this.pressed(event, row(event)));
    this.show(0);
  }

  // Where the network is written: of a variant, where the body begins that it runs, if that is in the same file.
  begin() {
    const { net } = this.page, body = net.bodies[net.root];
    const [file, line] = net.spans[body.span] || [0, 1];
    const made = body.boxes.flatMap((box) => box.pieces.map((piece) => net.spans[piece.span])).filter((span) => span && span[0] === file);
    this.show(file);
    const row = this.list.children[Math.min(line, ...made.map((span) => span[1])) - 1];
    if (row) this.list.scrollTop = row.offsetTop - this.list.offsetTop - 60;
  }

  show(file) {
    this.file = file;
    this.choice.value = file;
    const [, text] = this.page.net.files[file] || ["", ""];
    const made = this.page.madeLines;
    this.list.replaceChildren(...text.replace(/\n$/, "").split("\n").map((line, i) => {
      const key = file + ":" + (i + 1), live = made.has(key);
      const attributes = { class: live ? "row live" : "row", "data-line": live ? key : null, tabindex: live ? "-1" : null, role: live ? "button" : null };
      return element("div", attributes, element("span", { class: "number", "aria-hidden": "true" }, String(i + 1)), element("code", {}, coloured(line.replace(/\r$/, ""))));
    }));
    const first = this.list.querySelector(".live");
    if (first) first.tabIndex = 0;
  }

  pressed(event, row) {
    if (!row) return;
    const live = [...this.list.querySelectorAll(".live")], at = live.indexOf(row);
    const next = { ArrowDown: live[at + 1], ArrowUp: live[at - 1], Home: live[0], End: live[live.length - 1] }[event.key];
    if (event.key === "Enter" || event.key === " ") this.page.goToLine(row.dataset.line);
    else if (next) { row.tabIndex = -1; next.tabIndex = 0; next.focus(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Lights the lines that a box stands for; the first is brought into view when `jump`.
  light(lines, jump) {
    for (const row of this.list.querySelectorAll(".row.lit")) row.classList.remove("lit");
    const keys = [...lines];
    if (jump && keys.length && !keys.some((key) => key.startsWith(this.file + ":"))) this.show(Number(keys[0].split(":")[0]));
    let first = null;
    for (const key of keys) {
      const row = this.list.querySelector(`[data-line="${key}"]`);
      if (!row) continue;
      row.classList.add("lit");
      first = first || row;
    }
    if (jump && first) first.scrollIntoView({ block: "nearest" });
  }
}

const COSTS = ["parameters", "multiply-accumulates", "memory (elements)", "memory access (elements)"];

class DetailsPanel {
  constructor(page) {
    this.page = page;
    this.body = document.getElementById("facts");
  }

  show(place) {
    this.body.scrollTop = 0;
    if (!place) {
      this.body.replaceChildren(...this.network());
      return;
    }
    const { net } = this.page, seat = seatOf(net, place), { box } = seat;
    const inner = box.open < 0 ? null : net.bodies[box.open];
    this.body.replaceChildren(...[
      this.way(place),
      element("h2", {}, ...toldLines(net, place, box).map((text, i) => element("span", { class: box.look.lines[i].bold ? "strong" : "" }, text))),
      box.mark ? element("p", { class: "change" }, changed(box.mark)) : null,
      inner ? element("p", {}, element("button", { type: "button", onclick: () => this.page.toggle(place) }, this.page.isOpen(place) ? "Fold (Enter)" : "Unfold (Enter)")) : null,
      box.port ? null : this.cost(seat),
      ...box.pieces.slice(0, 60).map((piece) => this.piece(seat, piece)),
      box.pieces.length > 60 ? element("p", {}, `and ${box.pieces.length - 60} more`) : null,
      inner && inner.real && inner.doc ? element("p", { class: "doc" }, inner.doc) : null,
    ].filter(Boolean));
  }

  // Nothing is selected: the network as a whole.
  network() {
    const { net } = this.page, body = net.bodies[net.root], differing = net.pair && changesOf(net).length;
    const sides = net.pair ? body.boxes.filter((box) => !box.port) : [], totals = net.pair ? sides.map((box) => box.cost) : [net.total];
    const names = net.pair && element("thead", {}, element("tr", {}, element("td"), ...sides.map((box) => element("th", { scope: "col" }, box.look.title))));
    const told = (one, places) => places.map((place) => one.boxes[place]).filter(Boolean).map(spoken);
    const ports = (which, name) => {
      const lists = (net.pair ? sides.map((box) => net.bodies[box.open]) : [body]).map((one) => told(one, one[which]));
      const alike = lists.every((list) => String(list) === String(lists[0]));
      const lines = alike ? lists[0] : lists.flatMap((list, i) => list.map((line) => `${sides[i].look.title}: ${line}`));
      return lines.map((line) => [element("dt", {}, name), element("dd", {}, line)]);
    };
    return [
      element("h2", {}, element("span", { class: "strong" }, net.about.name)),
      element("section", { class: "piece" }, element("dl", {}, ports("inputs", "input"), ports("outputs", "output"), body.about.map(([key, value]) => [element("dt", {}, key), element("dd", {}, value)]))),
      element("table", { class: "cost" }, names || "", element("tbody", {}, COSTS.map((name, i) => element("tr", {}, element("th", { scope: "row" }, name), ...totals.map((total) => element("td", {}, words(total[i]))))))),
      net.pair ? element("p", {}, differing ? `${words(differing)} boxes differ: n goes from one to the next.` : "No op or block is added, removed or changed.") : null,
      net.about.doc ? element("p", { class: "doc" }, net.about.doc) : null,
      element("p", { class: "doc" }, "Click a box for its facts, double click unfolds it; ? lists all keys."),
    ].filter(Boolean);
  }

  // The boxes around a place, outermost first, each a way back.
  way(place) {
    const { net } = this.page;
    const steps = place.map((_, i) => place.slice(0, i + 1)).slice(0, -1);
    const link = (to, words) => element("button", { type: "button", class: "link", onclick: () => this.page.select(to, true) }, words);
    return element("nav", { "aria-label": "Around it" }, net.about.name, ...steps.flatMap((step) => [" › ", link(step, seatOf(net, step).box.look.title)]));
  }

  cost(seat) {
    const { net } = this.page;
    const rows = COSTS.map((name, i) => {
      const part = partOf(net, seat, i);
      const bar = element("progress", { max: 1, value: Math.min(1, part), "aria-label": `share of ${name}` });
      return element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, costWords(seat, i)), element("td", {}, share(part, 1)), element("td", {}, bar));
    });
    const seen = seat.field >= 0 && net.fieldOf.length ? net.fields[net.fieldOf[seat.field]] : "";
    return element("div", {}, element("table", { class: "cost" }, element("tbody", {}, rows)), seen ? element("p", { class: "seen" }, element("b", {}, "receptive field "), seen) : null);
  }

  piece(seat, piece) {
    const path = joined(seat.prefix, piece.path);
    const shapes = piece.given.join(", ") + " → " + piece.types.join(", ");
    const values = piece.op.values.flatMap(([key, value]) => [element("dt", {}, key), element("dd", {}, value)]);
    return element("section", { class: "piece" },
      element("h3", {}, piece.op.name, path ? element("code", {}, path) : null),
      element("p", { class: "shapes" }, shapes),
      values.length ? element("dl", {}, values) : null,
      this.source(piece.span));
  }

  source(span) {
    const { net } = this.page;
    if (span < 0) return "";
    const [file, line, , last] = net.spans[span];
    const words = `${net.files[file][0]}, line ${line}${last > line ? " to " + last : ""}`;
    return element("p", {}, element("button", { type: "button", class: "link", onclick: () => this.page.showLine(file, line) }, words));
  }
}

class SearchPanel {
  constructor(page) {
    this.page = page;
    this.input = document.getElementById("search");
    this.list = document.getElementById("hits");
    this.places = [];
    this.at = -1;
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("focus", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("blur", () => { if (document.activeElement !== this.input) this.close(); });
    this.list.addEventListener("mousedown", (event) => {
      const item = event.target.closest("[data-hit]");
      event.preventDefault();
      if (item) this.go(Number(item.dataset.hit));
    });
  }

  ask() {
    const { net } = this.page, { hits, count, whole } = search(net, this.input.value);
    this.places = hits;
    this.at = -1;
    const items = hits.map((place, i) => {
      const { box } = seatOf(net, place), path = pathOf(net, place);
      return element("li", { role: "option", id: "hit-" + i, "data-hit": i, "aria-selected": "false" }, element("div", {}, element("b", {}, box.look.title), box.look.lines.slice(1).map((line) => " · " + line.text)), element("span", {}, path || place.slice(0, -1).map((_, k) => seatOf(net, place.slice(0, k + 1)).box.look.title).join(" › ")));
    });
    const told = !this.input.value.trim() ? "" : !count ? "nothing found" : `${words(count)} found${hits.length < count ? `, the first ${hits.length} are listed` : ""}${whole ? "" : `; only the first ${words(MOST_PLACES)} places were searched`}`;
    this.list.replaceChildren(...(told ? [element("li", { class: "told", role: "presentation" }, told)] : []), ...items);
    this.open(Boolean(told));
    this.page.say(told);
  }

  open(shown) {
    this.list.hidden = !shown;
    this.input.setAttribute("aria-expanded", String(shown));
    if (!shown) this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    this.open(false);
  }

  pressed(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      const count = this.places.length;
      if (count) this.mark((this.at + moves[event.key] + count + (this.at < 0 && moves[event.key] < 0 ? 1 : 0)) % count);
    } else if (event.key === "Enter") {
      if (this.places.length) this.go(Math.max(0, this.at));
    } else if (event.key === "Escape") {
      if (!this.input.value) this.page.focus();
      this.input.value = "";
      this.close();
    } else return;
    event.preventDefault();
  }

  mark(at) {
    this.at = at;
    for (const item of this.list.querySelectorAll("[data-hit]")) item.setAttribute("aria-selected", String(Number(item.dataset.hit) === at));
    const item = document.getElementById("hit-" + at);
    item.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", item.id);
    this.page.goTo(this.places[at]);
  }

  go(at) {
    const place = this.places[at];
    this.close();
    this.page.focus();
    this.page.goTo(place);
  }
}
