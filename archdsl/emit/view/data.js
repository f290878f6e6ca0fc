// Turns the page's JSON, which archdsl/emit/view/data.py describes, into bodies of boxes and edges.

const METRICS = ["params", "macs", "memory"];  // the first costs

function readNetwork(json) {
  const text = (index) => json.strings[index];
  const looks = json.looks.map(([style, shape, width, height, deep, titleWidth, ...lines]) => ({
    lines: pairs(lines).map(([line, type]) => ({ text: text(line), size: json.types[type][0], bold: json.types[type][1] === 1 })),
    style, shape: json.shapes[shape], width, height, deep: deep === 1, title: lines.length ? text(lines[0]) : "", titleWidth,
  }));
  const named = (row) => pairs(row).map(([key, value]) => [text(key), text(value)]);
  const ops = json.ops.map(([name, ...values]) => ({ name: text(name), get values() { return named(values); } }));
  const pieces = json.pieces.map(([op, span, path, given, types]) => ({
    op: ops[op], span, path: text(path), given: given.map(text), types: types.map(text),
  }));
  const labels = json.labels.map(([label, width, height]) => ({ text: text(label), size: [width, height] }));
  const marks = json.marks.map(([sign, ...notes]) => ({ sign: text(sign), notes: notes.map(text) }));
  const bodies = json.bodies.map(([title, titleWidth, real, span, doc, inputs, outputs, boxes, edges, about], index) => {
    let before = -1;
    return {
      index, title: text(title), titleWidth, inputs, outputs, real: real === 1, doc: text(doc), span, about: named(about),
      boxes: boxes.map(([look = 0, cost = 0, parts = [], opens = 0, ins = 0, outs = 0, steps = 0, skipped = 0, mark = 0]) => {
        if (parts.length) before += 1 + skipped;
        return {
          look: looks[look], cost: json.costs[cost], pieces: parts.map((part) => pieces[part]), open: opens - 1, ins, outs,
          steps: steps || 1, unit: parts.length ? before : -1, port: !parts.length, mark: mark ? marks[mark] : null,
        };
      }),
      edges: edges.map(([source, target, label = 0, operand = 0, from = 0, to = 0, out = 0, into = 0, ...more]) => ({
        source, target, ties: [[from, to], ...pairs(more)], out, into, label: labels[label], operand: labels[operand],
      })),
    };
  });
  return {
    bodies, root: json.root, pair: json.pair === 1, total: json.total, styles: json.styles.map(text), about: json.about, files: json.files,
    spans: json.spans, made: [...new Set(json.pieces.map((piece) => piece[1]))], fields: json.fields.map(text), fieldOf: json.fieldOf, format: json.format,
  };
}

function pairs(row) {
  const found = [];
  for (let i = 0; i < row.length; i += 2) found.push([row[i], row[i + 1] || 0]);
  return found;
}

// A place is the way to a box from the root, as indices of boxes: [3, 0] is box 0 of what box 3 opens to.
// `seat` follows it: the box itself, the body that holds it, and what the way says on top of that.
function seatOf(net, place) {
  let body = net.bodies[net.root];
  let seat = null;
  let prefix = "", offset = 0, times = 1;
  for (const index of place) {
    const box = body && body.boxes[index];
    if (!box) return null;
    seat = { box, body, index, place, prefix, times, field: box.unit < 0 || offset < 0 ? -1 : offset + countsOf(net, body)[box.unit] };
    if (box.open < 0) { body = null; continue; }
    const inner = net.bodies[box.open];
    if (inner.real) {
      prefix = joined(prefix, box.pieces.length ? box.pieces[0].path : "");
      offset = box.steps > 1 ? -1 : seat.field < 0 ? -1 : seat.field + 1;  // nothing is known of what a scan's step sees
      times *= box.steps;
    }
    body = inner;
  }
  return seat;
}

// What the whole costs of which shares are told: of two networks beside each other, that which the place is in.
function totalOf(net, place) {
  return net.pair && place.length ? net.bodies[net.root].boxes[place[0]].cost : net.total;
}

// How often the network has what a box costs by one measure: a scan applies it again each step, with the same weights.
function timesOf(seat, index) {
  return index ? seat.times : 1;
}

function partOf(net, seat, index) {
  return (numeric(seat.box.cost[index]) * timesOf(seat, index)) / (numeric(totalOf(net, seat.place)[index]) || 1);
}

function costWords(seat, index) {
  const one = words(seat.box.cost[index]), times = timesOf(seat, index);
  return times > 1 && one !== "0" ? `${one} a step, ${words(BigInt(one.replace(/,/g, "")) * BigInt(times))} in all` : one;
}

function joined(prefix, path) {
  return prefix && path ? prefix + "." + path : prefix || path;
}

// Units of a body are numbered in order, and so are all places of the network, a call ahead of what is in it.
// This gives for each unit how many places stand ahead of it in its body; the last number counts all.
function countsOf(net, body) {
  net.counts = net.counts || new Map();
  const key = body.real ? body.index : ownerOf(net, body.index);
  if (!net.counts.has(key)) {
    const sizes = [];
    const visit = (boxes) => boxes.forEach((box) => {
      if (box.unit < 0) return;
      const inner = box.open < 0 ? null : net.bodies[box.open];
      if (inner && !inner.real) visit(inner.boxes);
      else sizes[box.unit] = 1 + (inner && box.steps === 1 ? countsOf(net, inner).at(-1) : 0);
    });
    visit(net.bodies[key].boxes);
    let sum = 0;
    const ahead = sizes.map((size) => (sum += size) - size);
    net.counts.set(key, [...ahead, sum]);
  }
  return net.counts.get(key);
}

// The body whose run or branches a body lists one by one.
function ownerOf(net, index) {
  if (!net.owners) {
    net.owners = new Map();
    for (const body of net.bodies) {
      for (const box of body.boxes) if (box.open >= 0 && !net.bodies[box.open].real) net.owners.set(box.open, body.index);
    }
  }
  let owner = index;
  while (net.owners.has(owner)) owner = net.owners.get(owner);
  return owner;
}

function words(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function numeric(value) {
  return typeof value === "string" ? Number(value.replace(/,/g, "")) : value;
}

function share(part, whole) {
  const percent = (100 * Number(part)) / Number(whole);
  if (!Number(whole) || !Number(part)) return "";
  return percent < 0.1 ? "under 0.1 %" : (percent < 10 ? percent.toFixed(1) : percent.toFixed(0)) + " %";
}
