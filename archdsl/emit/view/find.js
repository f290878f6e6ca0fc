// Answers what is asked of the whole network, open or not: words that are searched, lines of the text, neighbours.

const MOST_PLACES = 20000;  // looked at in one search

// Calls `visit(place, seat)` for every place that can be unfolded, in order, until it gives false.
function eachPlace(net, visit) {
  let seen = 0;
  const walk = (body, place) => body.boxes.every((box, index) => {
    if (box.port) return true;
    const here = [...place, index];
    if (++seen > MOST_PLACES || visit(here, box, body) === false) return false;
    return box.open < 0 || walk(net.bodies[box.open], here);
  });
  return walk(net.bodies[net.root], []);
}

// Places whose path, words, ops or arguments hold all words of `query`, first those of a block or an op that is called
// so; { hits, count, whole } with at most `most` of them.
function search(net, query, most = 60) {
  const wanted = wordsOf(query);
  const named = [], others = [];
  let count = 0;
  if (!wanted.length) return { hits: [], count, whole: true };
  const whole = eachPlace(net, (place, box) => {
    const own = textOf(net, box);
    if (wanted.every((word) => own.includes(word)) || (wanted.some((word) => own.includes(word) || word.includes(".")) && byPath(net, place, own, wanted))) {
      count++;
      const found = box.pieces.some((piece) => plain(piece.op.name) === wanted[0]) ? named : others;
      if (found.length < most) found.push(place);
    }
  });
  return { hits: [...named, ...others].slice(0, most), count, whole };
}

// As it is compared: in small letters, x for ×. A word with a size behind it is two: conv3x3 is conv and 3x3.
function plain(text) {
  return text.toLowerCase().replace(/ ?× ?/g, "x");
}

function wordsOf(query) {
  return plain(query).replace(/([a-z_])(?=\d+x\d)/g, "$1 ").split(/\s+/).filter(Boolean);
}

function byPath(net, place, own, wanted) {
  const path = pathOf(net, place).toLowerCase();
  return wanted.every((word) => own.includes(word) || path.includes(word));
}

function textOf(net, box) {
  if (box.found === undefined) {
    const words = box.look.lines.map((line) => line.text);
    for (const piece of box.pieces) words.push(piece.path, piece.op.name, ...piece.op.values.map(([key, value]) => `${key}=${value}`));
    if (box.mark) words.push(changed(box.mark));
    if (box.open >= 0) for (const [key, value] of net.bodies[box.open].about) words.push(`${key}=${value}`);
    box.found = plain(words.join(" "));
  }
  return box.found;
}

// The dotted name of the module at a place, "" for what is none.
function pathOf(net, place) {
  const seat = seatOf(net, place);
  const own = seat.box.pieces.map((piece) => piece.path).filter(Boolean);
  return own.length ? joined(seat.prefix, own[0]) : "";
}

// The lines of the text that a box stands for: "file:line", of what is in it too with `deep`.
function linesOf(net, box, deep) {
  const own = box.lines || (box.lines = new Set(box.pieces.flatMap((piece) => rowsOf(net, piece.span))));
  if (!deep || box.open < 0) return own;
  return box.deepLines || (box.deepLines = new Set([...own, ...net.bodies[box.open].boxes.flatMap((inner) => [...linesOf(net, inner, true)])]));
}

function rowsOf(net, span) {
  if (span < 0) return [];
  const [file, first, , last] = net.spans[span];
  return Array.from({ length: last - first + 1 }, (_, i) => file + ":" + (first + i));
}

// The places of the innermost visible boxes that a line made.
function litBy(net, spots, line) {
  return spots.filter(({ box, at }) => linesOf(net, box, !at.state).has(line)).map((spot) => spot.place);
}

// The first place, after `after` if that is one, that a line made itself.
function placeOfLine(net, line, after) {
  let first = null, next = null, passed = false;
  eachPlace(net, (place, box) => {
    if (linesOf(net, box, false).has(line) && !(box.open >= 0 && !net.bodies[box.open].real)) {
      first = first || place;
      if (passed) { next = place; return false; }
    }
    if (after && String(place) === String(after)) passed = true;
    return true;
  });
  return next || first;
}

// The box next to the one at `spot` in a direction: along a wire, or beside it.
function neighbour(nest, spots, spot, way) {
  const centre = (s) => [s.x + s.at.width / 2, s.y + (s.at.state ? 0 : s.at.height / 2)];
  const [x, y] = centre(spot);
  let best = null, least = Infinity;
  for (const other of spots) {
    if (String(other.place) === String(spot.place)) continue;
    const [a, b] = centre(other), dx = a - x, dy = b - y;
    const [ahead, aside] = { down: [dy, dx], up: [-dy, dx], right: [dx, dy], left: [-dx, dy] }[way];
    if (ahead <= 1) continue;
    const far = ahead + 2.5 * Math.abs(aside);
    if (far < least) { least = far; best = other; }
  }
  return best;
}

// Two networks beside each other: what became of a box, and which places correspond.

const SIGNS = ["", "+", "−", "~"];
const CHANGES = ["as before, but for sizes", "added", "removed", "changed"];

function changed(mark) {
  return [CHANGES[SIGNS.indexOf(mark.sign)], mark.notes.join("; ")].filter(Boolean).join(": ");
}

// The places of boxes that differ, in order: of a block that is added or removed itself, and not what is in it;
// of one that changed what is in it, and itself if it gives other tensors.
function changesOf(net) {
  if (!net.changes) {
    const inside = (box, port) => box.open >= 0 && net.bodies[box.open].boxes.some((inner) => inner.mark && inner.port === port);
    let last = null;
    net.changes = [];
    eachPlace(net, (place, box) => {
      if (!box.mark || (last && isIn(place, last))) return true;
      if (box.mark.sign !== "~" || !inside(box, false) || inside(box, true)) {
        net.changes.push(place);
        last = box.mark.sign === "~" ? null : place;
      }
      return true;
    });
  }
  return net.changes;
}

function isIn(place, around) {
  return place.length > around.length && around.every((index, i) => place[i] === index);
}

function isAfter(place, other) {
  const at = place.findIndex((index, i) => index !== other[i]);
  return at >= 0 && (at >= other.length || place[at] > other[at]);
}

// The place in the other network whose module is called as that here and lies as deep, if there is one.
function twinOf(net, place) {
  if (!net.pair || !place || seatOf(net, place).box.port) return null;
  const nameOf = (where) => (where.length > 1 ? pathOf(net, where) && where.length + " " + pathOf(net, where) : "network");
  if (!net.twins) {
    net.twins = new Map();
    eachPlace(net, (where) => {
      const key = where[0] + " " + nameOf(where);
      if (!net.twins.has(key)) net.twins.set(key, where);
      return true;
    });
  }
  const other = net.bodies[net.root].boxes.findIndex((box, i) => !box.port && i !== place[0]), name = nameOf(place);
  return (name && net.twins.get(other + " " + name)) || null;
}
