// The drawing on the screen: which part of it is in view and how large, what is marked in it, and the map in the corner.

const SCALES = [0.01, 8];
const READ = 0.7;    // from this scale on text can be read
const MARGIN = 0.3;  // of the view, drawn around it so that it can be moved

class Stage {
  constructor(page) {
    this.page = page;
    this.svg = document.getElementById("drawing");
    this.world = document.getElementById("world");
    this.marks = document.getElementById("marks");
    this.map = document.getElementById("map");
    this.view = { x: 0, y: 0, scale: 1 };
    this.spots = [];
    this.drawn = null;
    this.drag = null;
    this.pointers = new Map();
    this.listen();
  }

  get size() {
    return { width: this.svg.clientWidth || 1, height: this.svg.clientHeight || 1 };
  }

  // How much of it no drawer lies on.
  get free() {
    const { width, height } = this.size, drawer = document.getElementById("details");
    const { offsetWidth, offsetHeight } = drawer;
    if (!offsetWidth || getComputedStyle(drawer).position !== "absolute") return { width, height };
    return offsetWidth < width ? { width: width - offsetWidth, height } : { width, height: Math.max(height / 4, height - offsetHeight) };
  }

  get plan() {
    return this.page.nest.plan(this.page.state);
  }

  area(margin = 0) {
    const { width, height } = this.size, { x, y, scale } = this.view;
    const [w, h] = [width / scale, height / scale];
    return { left: x - margin * w, top: y - margin * h, right: x + (1 + margin) * w, bottom: y + (1 + margin) * h };
  }

  holds(x, y) {
    const { left, top, right, bottom } = this.area();
    return left <= x && x <= right && top <= y && y <= bottom;
  }

  // Whether any of the drawing is in view.
  shows() {
    const { left, top, right, bottom } = this.area();
    return left < this.plan.width && top < this.plan.height && right > 0 && bottom > 0;
  }

  // Draws what is in view, if what was drawn before no longer does.
  draw(anew = false) {
    if (this.still) return;
    const { scale } = this.view, now = this.area(), was = this.drawn;
    const inside = was && was.scale === scale && now.left >= was.left && now.right <= was.right && now.top >= was.top && now.bottom <= was.bottom;
    if (anew || !inside) {
      const area = this.area(MARGIN);
      const made = this.page.painter.draw(this.page.state, area, scale);
      this.drawn = { ...area, scale, size: this.size };
      this.spots = made.spots;
      this.world.innerHTML = made.markup;
      this.svg.classList.toggle("small", !made.detailed);
    }
    const transform = `scale(${scale}) translate(${-this.view.x} ${-this.view.y})`;
    this.world.setAttribute("transform", transform);
    this.marks.setAttribute("transform", transform);
    if (anew) this.drawMap();
    this.mark();
    this.moveMap();
  }

  // Draws what a `look` finds, once.
  once(look) {
    this.still = true;
    look();
    this.still = false;
    this.draw(true);
  }

  // What is selected, and what a line of the text lights, drawn on top.
  mark() {
    const { selected, lit } = this.page, parts = [];
    const outline = (spot, kind) => `<rect class="${kind}" x="${tidy(spot.x - 2)}" y="${tidy(spot.y - 2)}" width="${tidy(spot.at.width + 4)}" height="${tidy(spot.at.height + 4)}" rx="6"/>`;
    const area = this.area(MARGIN);
    for (const place of lit) {
      const spot = spotOf(this.page.nest, this.page.state, place);
      if (spot && spot.x < area.right && spot.y < area.bottom && spot.x + spot.at.width > area.left && spot.y + spot.at.height > area.top) parts.push(outline(spot, "lit"));
    }
    const spot = selected && spotOf(this.page.nest, this.page.state, selected);
    if (spot) parts.push(this.wiresOf(spot), outline(spot, "selected"));
    const twin = spot && twinOf(this.page.net, selected), beside = twin && spotOf(this.page.nest, this.page.state, twin);
    if (beside) parts.push(outline(beside, "selected twin"));
    this.marks.innerHTML = parts.join("");
    this.svg.toggleAttribute("aria-activedescendant", false);
    if (spot) this.svg.setAttribute("aria-activedescendant", "at-" + selected.join("-"));
  }

  wiresOf(spot) {
    const around = spot.place.slice(0, -1), index = spot.place.at(-1);
    const holder = around.length ? spotOf(this.page.nest, this.page.state, around) : { x: 0, y: 0 };
    const plan = around.length ? this.page.nest.plan(holder.at.state, true) : this.plan;
    const lines = [];
    plan.wires.forEach(({ edge, line }) => {
      if (edge.source !== index && edge.target !== index) return;
      lines.push(line.map(([x, y], k) => (k ? "L" : "M") + tidy(x + holder.x) + " " + tidy(y + holder.y)).join(""));
    });
    return `<path class="wire hot" d="${lines.join("")}"/>`;
  }

  move(dx, dy) {
    this.look(this.view.x + dx / this.view.scale, this.view.y + dy / this.view.scale, this.view.scale);
  }

  zoom(factor, px = this.size.width / 2, py = this.size.height / 2) {
    const { x, y, scale } = this.view;
    const next = Math.min(SCALES[1], Math.max(SCALES[0], scale * factor));
    this.look(x + px / scale - px / next, y + py / scale - py / next, next);
  }

  // Moves the view; `auto` says how it was found, if not by somebody who moved it.
  look(x, y, scale, auto = "") {
    this.view = { x, y, scale };
    this.page.auto = auto;
    this.map.classList.add("moving");
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.rested(), 1200);
    this.page.changed();
    this.draw();
  }

  // The view of a spot, or of the whole.
  viewOf(spot = null, most = 4 / 3) {
    const { width, height } = this.free, plan = this.plan;
    const box = spot ? { x: spot.x, y: spot.y, width: spot.at.width, height: spot.at.height } : { x: 0, y: 0, width: plan.width, height: plan.height };
    const pad = Math.min(28, width / 20);
    const scale = Math.max(SCALES[0], Math.min(most, (width - 2 * pad) / box.width, (height - 2 * pad) / box.height));
    return { x: box.x + box.width / 2 - width / 2 / scale, y: box.y + box.height / 2 - height / 2 / scale, scale };
  }

  // The view of the whole where it can be read, else of its beginning, as wide as the view.
  firstView() {
    const whole = this.viewOf();
    if (whole.scale >= READ) return whole;
    const { width, height } = this.free, plan = this.plan, scale = Math.max(READ, Math.min(0.9, (width - 40) / plan.width));
    const begin = this.plan.boxes.find(Boolean);
    const x = plan.width * scale <= width ? plan.width / 2 : begin.x + begin.width / 2;
    const above = Math.max(16, (height - plan.height * scale) / 2);
    return { x: x - width / 2 / scale, y: -above / scale, scale };
  }

  fit(spot = null, most = undefined) {
    const { x, y, scale } = this.viewOf(spot, most);
    this.look(x, y, scale, spot ? "" : "whole");
  }

  open() {
    const { x, y, scale } = this.firstView();
    this.look(x, y, scale, "open");
  }

  // How the view was found, if it is found so still: what lies on the drawing may have changed since.
  get auto() {
    const { auto } = this.page, found = auto === "open" ? this.firstView() : this.viewOf();
    return auto && ["x", "y", "scale"].every((part) => Math.abs(found[part] - this.view[part]) < 0.01) ? auto : "";
  }

  // Brings a spot into view, moving no more than needed; `large` also makes it large enough to be read.
  show(spot, large = false) {
    const { width, height } = this.free;
    if (large && this.view.scale < 0.75) {
      const scale = 0.9;
      this.look(spot.x + spot.at.width / 2 - width / 2 / scale, spot.y + Math.min(spot.at.height, height / scale / 2) / 2 - height / 2 / scale, scale);
      return;
    }
    const { x, y, scale } = this.view, pad = Math.min(24, width / 24) / scale;
    const dx = shift(x, x + width / scale, spot.x - pad, spot.at.width + 2 * pad, 0.1), dy = shift(y, y + height / scale, spot.y - pad, spot.at.height + 2 * pad, 0.5);
    if (dx || dy) this.look(x + dx, y + dy, scale);
  }

  // Brings into view, beside what is at `y`, all that is as wide as the whole, if there is room for that.
  level(y) {
    const { width } = this.plan;
    if (width * this.view.scale <= this.free.width * (11 / 12)) this.show({ x: 0, y, at: { width, height: 0 } });
  }

  point(event) {
    const box = this.svg.getBoundingClientRect();
    const px = event.clientX - box.left, py = event.clientY - box.top;
    return { px, py, x: this.view.x + px / this.view.scale, y: this.view.y + py / this.view.scale };
  }

  under(event) {
    const { x, y } = this.point(event);
    return hit(this.page.nest, this.page.state, x, y);
  }

  // Whether an event is on the sign of a spot that opens and closes it.
  onSign(event, spot) {
    const { x, y } = this.point(event), reach = Math.max(9, 12 / this.view.scale);
    if (!spot.at.state) return x - spot.x < Math.min(reach, spot.at.width / 3) && y - spot.y < Math.min(reach + 4, spot.at.height);
    const left = spot.x + this.page.nest.plan(spot.at.state, true).titleX;
    return x - left >= 0 && x - left < Math.max(TRIANGLE + 2, reach) && y - spot.y < Math.max(HEAD, reach);
  }

  listen() {
    const { svg } = this;
    svg.addEventListener("wheel", (event) => {
      event.preventDefault();
      const { px, py } = this.point(event);
      const lines = event.deltaMode === 1 ? 16 : 1;
      if (event.shiftKey) this.move(event.deltaX * lines + event.deltaY * lines, 0);
      else this.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), px, py);
    }, { passive: false });
    svg.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      this.pointers.set(event.pointerId, event);
      this.drag = { x: event.clientX, y: event.clientY, moved: this.pointers.size > 1 };
    });
    svg.addEventListener("pointermove", (event) => this.moved(event));
    const up = (event) => {
      const still = this.drag && !this.drag.moved && this.pointers.has(event.pointerId) && event.type === "pointerup";
      this.pointers.delete(event.pointerId);
      if (!this.pointers.size) { this.drag = null; svg.classList.remove("dragged"); }
      if (still) this.page.clicked(event, this.under(event));
    };
    svg.addEventListener("pointerup", up);
    svg.addEventListener("pointercancel", up);
    svg.addEventListener("pointerleave", () => { if (!this.pointers.size) this.page.hovered(null); });
    svg.addEventListener("dblclick", (event) => this.page.clickedTwice(event, this.under(event)));
    const jump = (event) => {
      if (event.buttons !== 1) return;
      const box = this.map.getBoundingClientRect(), { width, height } = this.size;
      const x = (event.clientX - box.left) / this.mapScale - this.mapLeft, y = (event.clientY - box.top) / this.mapScale - this.mapTop;
      this.look(x - width / 2 / this.view.scale, y - height / 2 / this.view.scale, this.view.scale);
    };
    this.map.addEventListener("pointerdown", jump);
    this.map.addEventListener("pointermove", jump);
    new ResizeObserver(() => {
      const { width, height } = this.drawn.size;
      if (!this.still && (width !== this.size.width || height !== this.size.height)) this.page.resized();
    }).observe(svg);
  }

  moved(event) {
    const was = this.pointers.get(event.pointerId);
    if (!was) {
      if (event.pointerType === "mouse") this.page.hovered(this.under(event));
      return;
    }
    const far = Math.hypot(event.clientX - this.drag.x, event.clientY - this.drag.y) > 4;
    if (far && !this.drag.moved) {
      this.drag.moved = true;
      this.svg.setPointerCapture(event.pointerId);
      this.svg.classList.add("dragged");
    }
    if (this.pointers.size === 1 && this.drag.moved) {
      this.move(was.clientX - event.clientX, was.clientY - event.clientY);
    } else if (this.pointers.size === 2) {
      const other = [...this.pointers.values()].find((p) => p.pointerId !== event.pointerId);
      const before = Math.hypot(was.clientX - other.clientX, was.clientY - other.clientY) || 1;
      const after = Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY) || 1;
      const { px, py } = this.point({ clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 });
      this.move((was.clientX - event.clientX) / 2, (was.clientY - event.clientY) / 2);
      this.zoom(after / before, px, py);
    }
    this.pointers.set(event.pointerId, event);
  }

  // The map stands in a corner where it covers no box, and gives way where there is none, while nothing moves.
  rested() {
    const { map } = this, { x, y, scale } = this.view, on = this.svg.getBoundingClientRect(), box = map.getBoundingClientRect();
    const right = on.width - box.width - 10, top = box.top - on.top;
    const meets = ({ x: a, y: b, at }, left) => (a - x) * scale < left + box.width && (a + at.width - x) * scale > left && (b - y) * scale < top + box.height && (b + at.height - y) * scale > top;
    const covers = (left) => this.spots.some((spot) => !spot.at.state && meets(spot, left));
    map.classList.toggle("left", covers(right) && !covers(10));
    map.classList.toggle("covers", covers(right) && covers(10));
    map.classList.remove("moving");
  }

  drawMap() {
    const plan = this.plan, box = this.map.getBoundingClientRect();
    this.mapScale = Math.min((box.width || 110) / (plan.width + 1), (box.height || 160) / (plan.height + 1));
    this.mapLeft = ((box.width || 110) / this.mapScale - plan.width) / 2;
    this.mapTop = ((box.height || 160) / this.mapScale - plan.height) / 2;
    const shapes = new Map();
    const visit = ({ place, box: drawn, at, x, y }) => {
      const key = at.state ? "frame" : "box " + this.page.painter.colour(place, drawn);
      shapes.set(key, (shapes.get(key) || "") + `M${tidy(x)} ${tidy(y)}h${tidy(at.width)}v${tidy(at.height)}h${tidy(-at.width)}z`);
    };
    visit.nest = this.page.nest;
    eachBox(plan, { left: 0, top: 0, right: plan.width, bottom: plan.height, wide: 0.5 / this.mapScale, high: 0.3 / this.mapScale }, visit);
    const frames = [...shapes].sort((a, b) => (b[0] === "frame") - (a[0] === "frame"));
    this.map.innerHTML = `<g transform="scale(${this.mapScale}) translate(${this.mapLeft} ${this.mapTop})">${frames.map(([key, d]) => `<path class="${key}" d="${d}"/>`).join("")}<rect class="view"/></g>`;
  }

  moveMap() {
    const rect = this.map.querySelector(".view"), { left, top, right, bottom } = this.area(), plan = this.plan;
    if (!rect) return;
    const [x, y] = [Math.max(left, -this.mapLeft), Math.max(top, -this.mapTop)];
    const values = { x, y, width: Math.max(0, Math.min(right, plan.width + this.mapLeft) - x), height: Math.max(0, Math.min(bottom, plan.height + this.mapTop) - y) };
    for (const [name, value] of Object.entries(values)) rect.setAttribute(name, tidy(value));
    const whole = left <= 0 && top <= 0 && right >= plan.width && bottom >= plan.height;
    this.map.classList.toggle("whole", whole);
  }
}

// By how much a view from `low` to `high` must move to hold what begins at `first`; of what is longer, its beginning, if
// more than a `part` of the view holds none of it.
function shift(low, high, first, length, part) {
  const room = high - low;
  if (length <= room) return first < low ? first - low : Math.max(0, first + length - high);
  return first > low + part * room || first + length < high - part * room ? first - low : 0;
}
