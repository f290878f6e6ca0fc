// The page: what is open, selected, lit and searched; what keys and buttons do; and all of it in the address.

const COLOURS = ["kind", ...METRICS];
const TENTHS = 10;  // of the network's cost, with a colour each

class Page {
  constructor(json) {
    this.net = readNetwork(json);
    this.states = new States(this.net);
    this.nest = new Nest(this.net, layered);
    this.painter = new Painter(this.net, this.nest, (place, box) => this.colourOf(place, box));
    this.state = this.states.closed();
    this.selected = null;
    this.lit = [];
    this.colours = this.net.pair ? ["change", ...COLOURS] : COLOURS;
    this.colour = this.colours[0];
    if (this.net.pair) document.getElementById("colour").prepend(element("option", { value: "change" }, "what changed"));
    this.theme = "";
    this.auto = "open";  // how the view was found: "open" as at first, "whole", "" where somebody moved it
    this.madeLines = new Set(this.net.made.flatMap((span) => rowsOf(this.net, span)));  // keys of rows that made something
    this.painter.textScale = textScale();
    this.source = new SourcePanel(this);
    this.details = new DetailsPanel(this);
    this.search = new SearchPanel(this);
    this.stage = new Stage(this);
    this.actions = actionsOf(this);
    this.listen();
    this.paintTheme();
    this.readAddress();
    document.documentElement.dataset.ready = "yes";
    performance.mark("ready");
  }

  listen() {
    for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", () => this.act(button.dataset.do));
    const colour = document.getElementById("colour");
    colour.addEventListener("change", () => this.paintBy(colour.value));
    window.addEventListener("keydown", (event) => this.pressed(event));
    window.addEventListener("hashchange", () => { if (location.hash.slice(1) !== this.written) this.readAddress(); });
    window.addEventListener("beforeprint", () => this.print(true));
    window.addEventListener("afterprint", () => this.print(false));
    matchMedia("(min-width: 1000px)").addEventListener("change", () => this.showPanels());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paintTheme());
    const help = document.getElementById("help");
    help.addEventListener("click", (event) => { if (event.target === help) help.close(); });
    document.getElementById("keys").replaceChildren(...this.actions.filter(({ says }) => says).map(({ shown, says }) => element("tr", {}, element("th", { scope: "row" }, element("kbd", {}, shown)), element("td", {}, says))));
  }

  act(name) {
    this.actions.find((action) => action.name === name).run();
  }

  pressed(event) {
    const typing = event.target.closest && event.target.closest("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("help").open) return;
    if (typing && event.key !== "Escape") return;
    const button = event.target.closest && event.target.closest("button, [role=button]");
    if (button && (event.key === "Enter" || event.key === " ")) return;
    const key = (event.shiftKey && event.key.length > 1 ? "Shift+" : "") + event.key;
    const action = this.actions.find(({ keys }) => keys.includes(key));
    if (!action) return;
    event.preventDefault();
    action.run();
  }

  // Open and closed.

  isOpen(place) {
    return Boolean(this.states.at(this.state, place));
  }

  // Folded; two networks beside each other are open.
  start() {
    const closed = this.states.closed();
    return this.net.pair ? this.states.deeper(closed) : closed;
  }

  // `state` with what corresponds to `place` in the other network as open as that is.
  withTwin(state, place) {
    const twin = twinOf(this.net, place);
    if (!twin || seatOf(this.net, twin).box.open < 0 || Boolean(this.states.at(state, twin)) === Boolean(this.states.at(state, place))) return state;
    return this.states.toggle(this.states.reveal(state, twin), twin);
  }

  toggle(place) {
    const seat = seatOf(this.net, place);
    if (!seat || seat.box.open < 0) return;
    this.change(this.withTwin(this.states.toggle(this.state, place), place), place);
    this.say(`${seat.box.look.title} ${this.isOpen(place) ? "unfolded" : "folded"}`);
  }

  // Where the sign that opens and closes a box stands.
  signOf(spot) {
    return spot.x + (spot.at.state ? this.nest.plan(spot.at.state, true).titleX : 0);
  }

  // Takes a new state; the sign of the box at `anchor` stays where it is on the screen, if what it opens is seen then.
  change(state, anchor = null) {
    const was = anchor && spotOf(this.nest, this.state, anchor), { view } = this.stage;
    this.state = state;
    if (METRICS.includes(this.colour)) this.paintLegend();
    while (this.selected && !spotOf(this.nest, state, this.selected)) this.selected = this.selected.length > 1 ? this.selected.slice(0, -1) : null;
    const now = anchor && spotOf(this.nest, state, anchor);
    if (was && now) {
      this.stage.once(() => {
        this.stage.look(view.x + this.signOf(now) - this.signOf(was), view.y + now.y - was.y, view.scale);
        if (now.at.state || !this.stage.holds(now.x, now.y)) this.stage.show(now);
        if (now.at.state) this.stage.level(now.y);
      });
    } else this.stage.once(() => this.stage.open());
    this.details.show(this.selected);
    this.relight();
    this.changed();
  }

  // Selected.

  select(place, shown = false) {
    this.selected = place;
    this.details.show(place);
    this.relight(shown);
    const spot = place && spotOf(this.nest, this.state, place);
    if (spot && shown) this.stage.show(spot);
    this.stage.mark();
    if (place) this.say(spoken(seatOf(this.net, place).box));
    this.changed();
  }

  goTo(place) {
    this.state = this.states.reveal(this.state, place);
    for (let i = 1; i < place.length; i++) this.state = this.withTwin(this.state, place.slice(0, i));
    this.stage.draw(true);
    this.select(place);
    this.relight();
    this.stage.show(spotOf(this.nest, this.state, place), true);
  }

  nextChange() {
    const places = changesOf(this.net), now = this.selected || [];
    const next = places.find((place) => isAfter(place, now)) || places[0];
    if (next) this.goTo(next);
    else this.say("no op or block is added, removed or changed");
  }

  goToLine(line) {
    const place = placeOfLine(this.net, line, this.selected);
    if (place) this.goTo(place);
  }

  clicked(event, spot) {
    this.focus();
    if (spot && spot.box.open >= 0 && this.stage.onSign(event, spot)) {
      this.select(spot.place);
      this.toggle(spot.place);
    } else this.select(spot && spot.place);
    if (!this.roomy) this.showPanel("details", Boolean(spot));  // a drawer
  }

  clickedTwice(event, spot) {
    if (spot && !this.stage.onSign(event, spot)) this.toggle(spot.place);
  }

  // Lines of the text and boxes light each other.

  light(line) {
    this.lit = line ? litBy(this.net, this.stage.spots, line) : [];
    this.stage.mark();
  }

  hovered(spot) {
    const key = spot ? String(spot.place) : "";
    if (key === this.hoveredKey) return;
    this.hoveredKey = key;
    this.stage.svg.classList.toggle("over", Boolean(spot));
    if (spot) this.source.light(linesOf(this.net, spot.box, false), false);
    else this.relight();
  }

  relight(jump = true) {
    const seat = this.selected && seatOf(this.net, this.selected);
    this.source.light(seat ? linesOf(this.net, seat.box, false) : [], jump);
  }

  showLine(file, line) {
    this.showPanel("source", true);
    this.source.show(file);
    this.relight();
    const row = this.source.list.querySelector(`[data-line="${file}:${line}"]`);
    if (row) row.scrollIntoView({ block: "center" });
  }

  // Colours.

  colourOf(place, box) {
    if (box.port) return "port";
    if (this.colour === "kind") return "k" + box.look.style;
    if (this.colour === "change") return "d" + (box.mark ? SIGNS.indexOf(box.mark.sign) : 0);
    return "m" + Math.min(TENTHS - 1, Math.floor((this.shareOf(place, box) / this.largestShare()) * TENTHS));
  }

  shareOf(place, box) {
    return partOf(this.net, seatOf(this.net, place), METRICS.indexOf(this.colour));
  }

  // Of the boxes that show what they are, and not what is in them: it has the darkest colour.
  largestShare() {
    const key = this.colour + " " + this.state.id;
    if (this.scaled !== key) {
      let most = 0;
      const visit = ({ place, box, at }) => { if (!at.state && !box.port) most = Math.max(most, this.shareOf(place, box)); };
      visit.nest = this.nest;
      eachBox(this.nest.plan(this.state), null, visit);
      [this.scaled, this.largest] = [key, most || 1];
    }
    return this.largest;
  }

  paintBy(colour) {
    this.colour = this.colours.includes(colour) ? colour : this.colours[0];
    document.getElementById("colour").value = this.colour;
    this.paintLegend();
    this.stage.draw(true);
    this.changed();
  }

  paintLegend() {
    document.getElementById("legend").replaceChildren(...this.legend().map(([kind, words]) => element("span", {}, element("i", { class: kind }), words)));
  }

  // What the colours mean: classes and words.
  legend() {
    const used = new Set(this.net.bodies.flatMap((body) => body.boxes.map((box) => box.look.style)));
    const kinds = this.net.styles.flatMap((style, i) => (style === "port" || !used.has(i) ? [] : [["k" + i, style]]));
    const told = { kind: kinds, change: SIGNS.map((sign, i) => ["d" + i, `${sign} ${CHANGES[i]}`]) }[this.colour];
    if (told) return told;
    const most = share(this.largestShare(), 1);
    return Array.from({ length: TENTHS }, (_, i) => ["m" + i, { 0: "0", 9: `${most} of the network` }[i] || ""]);
  }

  paintTheme() {
    const dark = this.theme ? this.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  }

  // Panels.

  // `name` is "source" or "details".
  showPanel(name, shown) {
    document.body.classList.toggle("with-" + name, shown);
    document.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(shown));
    const covered = shown && !this.roomy && this.selected && spotOf(this.nest, this.state, this.selected);
    if (covered) this.stage.show(covered);
    this.changed();
  }

  panelShown(name) {
    return document.body.classList.contains("with-" + name);
  }

  // As an address says, else where there is room.
  showPanels(given = new Map()) {
    for (const name of ["source", "details"]) this.showPanel(name, given.has(name) ? given.get(name) === "1" : this.roomy);
  }

  // Whether there is room for panels beside the drawing.
  get roomy() {
    return window.innerWidth >= 1000;
  }

  resized() {
    this.stage.once(() => {
      if (this.auto === "open") this.stage.open();
      else if (this.auto === "whole") this.stage.fit();
    });
  }

  focus() {
    this.stage.svg.focus({ preventScroll: true });
  }

  say(words) {
    document.getElementById("spoken").textContent = words;
  }

  escape() {
    if (document.activeElement !== this.stage.svg) this.focus();
    if (!this.search.list.hidden) this.search.close();
    else if (this.selected) this.select(null);
  }

  step(way) {
    const here = this.selected && spotOf(this.nest, this.state, this.selected);
    const ports = this.stage.spots.filter((spot) => spot.at);
    if (!here) { if (ports.length) this.select(ports[0].place, true); return; }
    if (way === "in" || way === "out") {
      const inner = here.at.state && this.nest.plan(here.at.state, true).boxes.findIndex(Boolean);
      if (way === "out" && this.selected.length > 1) this.select(this.selected.slice(0, -1), true);
      else if (way === "in" && inner >= 0 && here.at.state) this.select([...this.selected, inner], true);
      return;
    }
    const next = neighbour(this.nest, ports, here, way);
    if (next) this.select(next.place, true);
  }

  // The drawing as a file, and on paper.

  rules() {
    const all = document.querySelector("style").textContent, values = getComputedStyle(document.documentElement);
    const part = all.slice(all.indexOf("/* drawing */"), all.indexOf("/* end of drawing */"));
    // Other programs know no variables: each class is told its colours.
    const told = (_, kind, fill, border, ink) => `.${kind} > .shape { fill: ${fill}; stroke: ${border}; } .node.${kind}:not(.open) > text { fill: ${ink}; }`;
    const known = part.replace(/\/\*.*?\*\//gs, "").replace(/\.(\w+)\{--f:([^;]+);--s:([^;]+);--i:([^}]+)\}/g, told);
    return known.replace(/[^{}]*\{[^{}]*var\(--[fsi][,)][^{}]*\}/g, "").replace(/var\((--[\w-]+)\)/g, (_, name) => values.getPropertyValue(name).trim()).replace(/\n\s*/g, "\n");
  }

  picture() {
    return this.painter.file(this.state, this.rules(), this.net.about.name, this.legend());
  }

  save() {
    const link = element("a", { href: URL.createObjectURL(new Blob([this.picture()], { type: "image/svg+xml" })), download: this.net.about.name + ".svg" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    this.say("saved as " + link.download);
  }

  print(begins) {
    const { svg, world } = this.stage, { width, height } = this.stage.plan;
    this.stage.still = begins;  // a size that changes on paper moves nothing
    if (begins) {
      document.documentElement.dataset.theme = "light";
      world.innerHTML = this.painter.draw(this.state, null, 1).markup;
      world.removeAttribute("transform");
      svg.setAttribute("viewBox", `-6 -6 ${tidy(width + 12)} ${tidy(height + 12)}`);
    } else {
      svg.removeAttribute("viewBox");
      this.paintTheme();
      this.stage.draw(true);
    }
  }

  // The address.

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.writeAddress(), 150);
  }

  writeAddress() {
    const { x, y, scale } = this.stage.view, { auto } = this.stage, parts = [];
    if (this.state !== this.start()) parts.push("open=" + this.states.write(this.state));
    if (this.selected) parts.push("at=" + this.selected.join("."));
    if (this.colour !== this.colours[0] || JSON.parse(document.getElementById("sample").textContent).start) parts.push("colour=" + this.colour);
    if (this.theme) parts.push("theme=" + this.theme);
    for (const name of ["source", "details"]) if (this.panelShown(name) !== this.roomy) parts.push(`${name}=${this.roomy ? 0 : 1}`);
    if (auto !== "open") parts.push(`view=${auto || `${tidy(x)},${tidy(y)},${scale.toPrecision(3)}`}`);
    this.written = parts.join("&");
    try {
      history.replaceState(null, "", this.written ? "#" + this.written : location.pathname + location.search);
    } catch {
      // an address that may not be written, as that of a frame: the page works without
    }
  }

  readAddress() {
    const sample = JSON.parse(document.getElementById("sample").textContent);
    const given = new Map((location.hash.slice(1) || sample.start).split("&").map((part) => {
      const [name, ...rest] = decoded(part).split("=");
      return [name, rest.join("=")];
    }));
    this.written = location.hash.slice(1);
    this.stage.once(() => this.begin(given));
    this.source.begin();
    this.relight();
    clearTimeout(this.timer);
  }

  begin(given) {
    this.state = given.has("open") ? this.states.read(given.get("open")) : this.start();
    this.theme = ["dark", "light"].includes(given.get("theme")) ? given.get("theme") : "";
    this.paintTheme();
    this.paintBy(given.get("colour"));
    this.showPanels(given);
    const place = given.get("at") ? given.get("at").split(".").map(Number) : null;
    const known = place && seatOf(this.net, place) ? place : null;
    if (known) this.state = this.states.reveal(this.state, known);
    this.select(known && spotOf(this.nest, this.state, known) ? known : null);
    // The view comes last: panels and colours take their room.
    const view = (given.get("view") || "").split(",").map(Number);
    const [x, y, scale] = view;
    if (view.length === 3 && view.every(Number.isFinite) && scale > 0) this.stage.view = { x, y, scale: Math.min(SCALES[1], Math.max(SCALES[0], scale)) };
    if (given.get("view") === "whole") this.stage.fit();
    else if (view.length === 3 && this.stage.shows()) this.stage.look(x, y, this.stage.view.scale);
    else this.stage.open();
  }
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

// By how much text must shrink where the font is wider than the one that boxes were measured with.
function textScale() {
  const context = document.createElement("canvas").getContext("2d");
  context.font = "100px " + getComputedStyle(document.documentElement).getPropertyValue("--font");
  const { text, width } = JSON.parse(document.getElementById("sample").textContent);
  return Math.min(1, (width / context.measureText(text).width) || 1);
}

// What can be done, with its keys: what the help lists is what works.
function actionsOf(page) {
  const { stage } = page;
  const selected = (run) => () => page.selected && run(page.selected);
  const all = () => page.states.all(), closed = () => page.start(), { pair } = page.net;
  const dialog = document.getElementById("help");
  return [
    { name: "toggle", keys: ["Enter", " "], shown: "Enter, double click", says: "unfold or fold what is selected", run: selected((place) => page.toggle(place)) },
    { name: "toggle-all", keys: ["*"], shown: "*", says: "unfold or fold all in what is selected", run: selected((place) => seatOf(page.net, place).box.open >= 0 && page.change(page.states.toggleAll(page.state, place), place)) },
    { name: "deeper", keys: ["]"], shown: "]", says: "unfold one level everywhere", run: () => page.change(page.states.deeper(page.state)) },
    { name: "shallower", keys: ["["], shown: "[", says: "fold one level everywhere", run: () => page.change(page.states.shallower(page.state)) },
    { name: "all", keys: ["}"], shown: "}", says: "unfold everything", run: () => page.change(all()) },
    { name: "none", keys: ["{"], shown: "{", says: "fold everything", run: () => page.change(closed()) },
    { name: "down", keys: ["ArrowDown"], shown: "↓ ↑ ← →", says: "select the next box in that direction", run: () => page.step("down") },
    ...[["ArrowUp", "up"], ["ArrowLeft", "left"], ["ArrowRight", "right"]].map(([key, way]) => ({ name: way, keys: [key], run: () => page.step(way) })),
    { name: "in", keys: ["PageDown"], shown: "PageDown, PageUp", says: "select what is inside, or around", run: () => page.step("in") },
    { name: "out", keys: ["PageUp"], run: () => page.step("out") },
    { name: "search", keys: ["/"], shown: "/", says: "search names, ops, arguments: conv kernel=(3, 3)", run: () => { page.search.input.focus(); page.search.input.select(); } },
    { name: "next", keys: pair ? ["n"] : [], shown: "n", says: pair && "select the next box that differs", run: () => page.nextChange() },
    { name: "fit", keys: ["f", "0"], shown: "f", says: "show the whole", run: () => stage.fit() },
    { name: "frame", keys: ["z"], shown: "z", says: "show what is selected as large as it can be", run: selected((place) => stage.fit(spotOf(page.nest, page.state, place), 2)) },
    { name: "nearer", keys: ["+", "="], shown: "+ −, wheel, pinch", says: "zoom", run: () => stage.zoom(1.25) },
    { name: "farther", keys: ["-", "_"], run: () => stage.zoom(0.8) },
    ...[["Down", 0, 80], ["Up", 0, -80], ["Left", -80, 0], ["Right", 80, 0]].map(([key, dx, dy], i) => ({ name: "pan" + key, keys: ["Shift+Arrow" + key], shown: i ? undefined : "Shift and arrows, drag", says: i ? undefined : "move", run: () => stage.move(dx, dy) })),
    { name: "colour", keys: ["c"], shown: "c", says: "colour by kind, or share of parameters, multiply-accumulates, memory", run: () => page.paintBy(page.colours[(page.colours.indexOf(page.colour) + 1) % page.colours.length]) },
    { name: "source", keys: ["s"], shown: "s", says: "show or hide the text", run: () => page.showPanel("source", !page.panelShown("source")) },
    { name: "details", keys: ["d"], shown: "d", says: "show or hide the facts", run: () => page.showPanel("details", !page.panelShown("details")) },
    { name: "theme", keys: ["t"], shown: "t", says: "dark or light", run: () => { page.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark"; page.paintTheme(); page.changed(); } },
    { name: "map", keys: ["m"], shown: "m", says: "show or hide the map", run: () => { document.body.classList.toggle("without-map"); stage.drawMap(); stage.moveMap(); } },
    { name: "save", keys: ["x"], shown: "x", says: "save the drawing as it is unfolded, as SVG", run: () => page.save() },
    { name: "help", keys: ["?"], shown: "?", says: "show or hide this", run: () => (dialog.open ? dialog.close() : dialog.showModal()) },
    { name: "unselect", keys: ["Escape"], shown: "Esc", says: "select nothing, close what is open", run: () => page.escape() },
    { name: "close-help", keys: [], run: () => dialog.close() },
  ];
}
