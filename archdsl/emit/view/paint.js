// Turns a laid-out state into SVG: only what is in view, and less of it where it is small.

const DETAIL = 0.42;      // below this scale boxes are drawn without text, all of one colour as one shape
const MOST_DRAWN = 1500;  // and so are more boxes than this

const NAMES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => NAMES[c]);
const tidy = (number) => Math.round(number * 10) / 10;

// Calls `visit(spot)` for every box that meets `area`, and is as wide and high as that may ask, outer ones first; a spot
// knows its place and where it stands.
function eachBox(plan, area, visit, place = [], x = 0, y = 0) {
  plan.boxes.forEach((at, index) => {
    if (!at) return;
    const left = x + at.x, top = y + at.y;
    if (area && (left > area.right || top > area.bottom || left + at.width < area.left || top + at.height < area.top || at.width < area.wide || at.height < area.high)) return;
    const spot = { place: [...place, index], box: plan.body.boxes[index], at, x: left, y: top };
    visit(spot);
    if (at.state) eachBox(visit.nest.plan(at.state, true), area, visit, spot.place, left, top);
  });
}

class Painter {
  constructor(net, nest, colour) {
    this.net = net;
    this.nest = nest;
    this.colour = colour;  // (seat) -> class of the box's fill
    this.textScale = 1;    // of the font that is there beside the one that boxes were measured with
  }

  // All boxes in `area` (null: everywhere), their wires and names, as markup.
  draw(state, area, scale) {
    const spots = [];
    const visit = (spot) => spots.push(spot);
    visit.nest = this.nest;
    const plan = this.nest.plan(state);
    eachBox(plan, area, visit);
    const detailed = area === null || (scale >= DETAIL && spots.length <= MOST_DRAWN);
    const frames = [{ place: [], x: 0, y: 0, plan }, ...spots.filter((s) => s.at.state).map((s) => ({ ...s, plan: this.nest.plan(s.at.state, true) }))];
    return { markup: detailed ? this.detailed(spots, frames, area) : this.coarse(spots, frames, area, scale), spots, detailed };
  }

  detailed(spots, frames, area) {
    const open = spots.filter((s) => s.at.state), closed = spots.filter((s) => !s.at.state);
    return [
      ...open.map((spot) => this.frame(spot)),
      ...frames.map((frame) => this.wires(frame, area)),
      ...open.map((spot) => this.head(spot)),
      ...closed.map((spot) => this.box(spot)),
    ].join("");
  }

  // Small: one shape per colour, one for all wires, and the names of open boxes that are still large enough.
  coarse(spots, frames, area, scale) {
    const shapes = new Map();
    for (const { place, box, at, x, y } of spots) {
      const key = at.state ? "frame" : "box " + this.colour(place, box);
      if (!shapes.has(key)) shapes.set(key, []);
      shapes.get(key).push(`M${tidy(x)} ${tidy(y)}h${tidy(at.width)}v${tidy(at.height)}h${tidy(-at.width)}z`);
    }
    const wires = [];
    for (const frame of frames) this.eachWire(frame, area, (line) => wires.push(line));
    const fills = [...shapes].sort((a, b) => (b[0] === "frame") - (a[0] === "frame"));
    const [frame, ...boxes] = fills.length && fills[0][0] === "frame" ? fills : [null, ...fills];
    const size = 11 / scale;
    const names = spots.filter((s) => s.at.state && s.at.width * scale > 90 && s.at.height * scale > 40 && s.place.length < 3);
    return [
      frame ? `<path class="frame" d="${frame[1].join("")}"/>` : "",
      `<path class="wire coarse" d="${wires.join("")}"/>`,
      ...boxes.map(([key, d]) => `<path class="${key}" d="${d.join("")}"/>`),
      ...names.map((s) => `<text class="far" x="${tidy(s.x + s.at.width / 2)}" y="${tidy(s.y + s.at.height / 2)}" font-size="${tidy(size)}">${escaped(this.inner(s).title)}</text>`),
    ].join("");
  }

  inner(spot) {
    return this.net.bodies[spot.at.state.body];
  }

  eachWire({ plan, x, y }, area, give) {
    for (const wire of plan.wires) {
      if (area && !meets(wire.line, x, y, area)) continue;
      give(wire.line.map(([a, b], k) => (k ? "L" : "M") + tidy(a + x) + " " + tidy(b + y)).join(""), wire);
    }
  }

  wires(frame, area) {
    const { plan, x, y, place } = frame, parts = [];
    this.eachWire(frame, area, (line, { edge, label, head }) => {
      const into = plan.boxes[edge.target];
      const ends = into && !into.state ? ' marker-end="url(#tip)"' : "";
      const key = [...place, edge.source].join("."), end = [...place, edge.target].join(".");
      parts.push(`<path class="wire" d="${line}"${ends} data-from="${key}" data-to="${end}"/>`);
      if (label) parts.push(this.words("label", label[0] + x, label[1] + y, 8, edge.label.text));
      if (head) parts.push(this.words("operand", head[0] + x, head[1] + y, 8, edge.operand.text));
    });
    return parts.join("");
  }

  // A line of text whose middle stands at a height.
  words(kind, x, y, size, text) {
    return `<text class="${kind}" x="${tidy(x)}" y="${tidy(y + 0.35 * size)}" font-size="${this.size(size)}">${escaped(text)}</text>`;
  }

  size(points) {
    return tidy(points * this.textScale);
  }

  group(spot, more, inside) {
    const { place, box, at } = spot;
    const opens = box.open >= 0 ? ` aria-expanded="${Boolean(at.state)}"` : "";
    return `<g class="node ${more} ${this.colour(place, box)}" id="at-${place.join("-")}" data-place="${place.join(".")}" role="treeitem" aria-level="${place.length}"${opens} aria-label="${escaped(spoken(box))}">${inside}${box.mark && !box.port ? badge(box.mark.sign, spot.x, spot.y) : ""}</g>`;
  }

  frame(spot) {
    const { at, x, y } = spot;
    return `<rect class="frame" data-frame="${spot.place.join(".")}" x="${tidy(x)}" y="${tidy(y)}" width="${tidy(at.width)}" height="${tidy(at.height)}" rx="5"/>`;
  }

  head(spot) {
    const { at, x, y } = spot, plan = this.nest.plan(at.state, true), body = this.inner(spot);
    const left = x + plan.titleX, middle = y + HEAD / 2;
    const rows = [[body.inputs, plan.ins, y + HEAD + 4], [body.outputs, plan.outs, y + at.height - PAD - 5]].filter(([ports]) => ports.length > 1);
    const names = rows.flatMap(([ports, spots, base]) => ports.map((port, i) => (port < 0 ? "" : this.words("port", x + spots[i] + 3, base, 7, body.boxes[port].look.title))));
    return this.group(spot, "open", [
      `<rect class="grip" x="${tidy(left + 1)}" y="${tidy(y + 1)}" width="${tidy(body.titleWidth + TRIANGLE + 6)}" height="${HEAD - 2}" rx="4"/>`,
      triangle(left + 8, middle, true),
      `<text class="title" x="${tidy(left + TRIANGLE + 3)}" y="${tidy(middle + 3)}" font-size="${this.size(8)}">${escaped(body.title)}</text>`, this.which(spot, plan, left + TRIANGLE + 3 + body.titleWidth), ...names,
    ].join(""));
  }

  // The module path of an open box, where its head has room for it: beside its name, which ends at `end`, or on the other
  // side of the wires that come in.
  which(spot, plan, end) {
    const { at, x, y } = spot, path = this.inner(spot).real ? pathOf(this.net, spot.place) : "", width = 3.7 * path.length + 6;
    const first = x + Math.min(at.width, ...plan.ins), behind = x + Math.max(0, ...plan.ins);
    const rooms = end < first ? [[end + 3, first], [behind, x + at.width]] : [[end + 3, x + at.width], [x + 2, first]];
    const room = path && rooms.find(([from, to]) => to - from >= width);
    return room ? `<text class="which" x="${tidy(room[0] + 3)}" y="${tidy(y + HEAD / 2 + 3)}" font-size="${this.size(7)}">${escaped(path)}</text>` : "";
  }

  box(spot) {
    const { box, at, x, y } = spot, { look } = box, parts = [];
    const deep = look.deep ? SHEET : 0, width = at.width - deep, height = at.height - deep;
    const round = { circle: height / 2, bar: 3 }[look.shape] || 4;
    const rect = (off, kind) => `<rect class="${kind}" x="${tidy(x + off)}" y="${tidy(y + off)}" width="${tidy(width)}" height="${tidy(height)}" rx="${tidy(round)}"/>`;
    if (look.shape !== "text") parts.push(deep ? rect(deep, "shape") : "", rect(0, "shape"));
    const heights = look.lines.map((line) => line.size * 1.25);
    let top = y + (height - heights.reduce((a, b) => a + b, 0)) / 2;
    const told = toldLines(this.net, spot.place, box);
    look.lines.forEach((line, i) => {
      // What the place adds to a line has no room of its own: it is set smaller.
      const size = told[i] === line.text ? line.size : Math.min(line.size, (1.9 * (width - 4)) / told[i].length);
      parts.push(this.words(line.bold ? "strong" : "plain", x + width / 2, top + heights[i] / 2, size, told[i]));
      top += heights[i];
    });
    if (box.open >= 0) parts.push(triangle(x + 7, y + 8, false));
    return this.group(spot, look.shape, parts.join(""));
  }

  // A file of its own: all of the state, with the colours that are shown and what they mean, under a title.
  file(state, rules, title, legend) {
    const plan = this.nest.plan(state), pad = 12, head = 26, foot = 22;
    const widths = legend.map(([, words]) => 16 + 5.2 * words.length);
    const width = Math.max(plan.width, widths.reduce((a, b) => a + b, 0), 7.6 * title.length) + 2 * pad, height = plan.height + head + foot + 2 * pad;
    const left = (plan.width - width) / 2, below = plan.height + 18;
    let x = left + pad;
    const told = legend.map(([kind, words], i) => {
      const entry = `<g class="${kind}"><rect class="shape" x="${tidy(x)}" y="${tidy(below)}" width="9" height="9" rx="2"/></g><text class="entry" x="${tidy(x + 12)}" y="${tidy(below + 7.6)}" font-size="8">${escaped(words)}</text>`;
      x += widths[i];
      return entry;
    });
    const drawn = this.draw(state, null, 1).markup.replace(/<path class="triangle"[^>]*>/g, "");
    return `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${tidy(width)}" height="${tidy(height)}" viewBox="${tidy(left)} ${-pad - head} ${tidy(width)} ${tidy(height)}"><title>${escaped(title)}</title><style>${rules}</style><defs>${TIP}</defs><rect class="paper" x="${tidy(left)}" y="${-pad - head}" width="100%" height="100%"/><text class="strong" x="${tidy(plan.width / 2)}" y="${-head + 8}" font-size="13">${escaped(title)}</text>${drawn}${told.join("")}</svg>\n`;
  }
}

const TIP = '<marker id="tip" viewBox="0 0 6 6" refX="5.6" refY="3" markerWidth="6" markerHeight="6" orient="auto" markerUnits="userSpaceOnUse"><path class="tip" d="M0 0.4 6 3 0 5.6z"/></marker>';

function triangle(x, y, open) {
  const d = open ? `M${tidy(x - 3.5)} ${tidy(y - 2)}h7l-3.5 4.5z` : `M${tidy(x - 2)} ${tidy(y - 3.5)}v7l4.5 -3.5z`;
  return `<path class="triangle" d="${d}"/>`;
}

function badge(sign, x, y) {
  const [a, b] = [tidy(x), tidy(y)];
  return `<g class="badge b${SIGNS.indexOf(sign)}"><circle cx="${a}" cy="${b}" r="5"/><text x="${a}" y="${tidy(y + 3)}" font-size="9">${sign}</text></g>`;
}

// The lines of a box where it stands: weights that are shared are called by their path in the network, since another
// call of the same block has others.
function toldLines(net, place, box) {
  const lines = box.look.lines.map((line) => line.text);
  if (place.length < 2 || !lines.some((line) => line.includes("shared "))) return lines;
  const { prefix } = seatOf(net, place), known = new Set(box.pieces.map((piece) => piece.path));
  const whole = (name) => (known.has(name) ? joined(prefix, name) : name);
  return lines.map((line) => line.replace(/(?<=\bshared )[^\s,]+(?:, [^\s,]+)*/g, (names) => names.split(", ").map(whole).join(", ")));
}

function spoken(box) {
  return [...box.look.lines.map((line) => line.text), ...(box.mark ? [changed(box.mark)] : [])].join(", ");
}

function meets(wire, x, y, area) {
  let left = Infinity, right = -Infinity;
  for (const [a] of wire) { left = Math.min(left, a); right = Math.max(right, a); }
  return left + x <= area.right && right + x >= area.left && wire[0][1] + y <= area.bottom && wire[wire.length - 1][1] + y >= area.top;
}

// The innermost spot under a point, in the coordinates of the drawing.
function hit(nest, state, x, y) {
  let found = null;
  const visit = (spot) => { found = spot; };
  visit.nest = nest;
  eachBox(nest.plan(state), { left: x, right: x, top: y, bottom: y }, visit);
  return found;
}

// Where a place stands: its spot, or null while something that hides it is closed.
function spotOf(nest, state, place) {
  let plan = nest.plan(state), x = 0, y = 0, at = null;
  for (let i = 0; i < place.length; i++) {
    at = plan.boxes[place[i]];
    if (!at) return null;
    x += at.x; y += at.y;
    if (i < place.length - 1) {
      if (!at.state) return null;
      plan = nest.plan(at.state, true);
    }
  }
  return at && { place, box: plan.body.boxes[place[place.length - 1]], at, x, y };
}
