// Lays out a state: the inside of an open box is laid out first, and is then a node of the body around it.

const PAD = 8;          // between the border of an open box and what is in it
const HEAD = 17;        // height of its head, where its name stands
const PORT_GAP = 14;    // between the names of two inputs
const PORT_ROW = 11;    // height of the row of names, where there are several
const TRIANGLE = 12;    // width of the sign that opens and closes

class Nest {
  constructor(net, layout) {
    this.net = net;
    this.layout = layout;
    this.plans = new Map();
  }

  // Where all stands: { width, height, boxes, wires, labels, ins, outs }, from the upper left corner of the frame.
  // `boxes[i]` is { x, y, width, height, state } (none for the ports of what is nested).
  plan(state, nested = false) {
    const key = (nested ? "n" : "r") + state.id;
    let found = this.plans.get(key);
    if (!found) {
      found = this.make(state, nested);
      this.plans.set(key, found);
    }
    return found;
  }

  make(state, nested) {
    const body = this.net.bodies[state.body];
    const nodes = [], links = [], number = [];
    const bars = nested ? [this.bar(body, body.inputs), this.bar(body, body.outputs)] : [];
    if (nested) nodes.push({ ...bars[0], ins: [], outs: bars[0].spots, loose: false });
    body.boxes.forEach((box, i) => {
      if (nested && box.port) return;
      number[i] = nodes.length;
      const inner = state.kids.get(i);
      nodes.push(inner ? this.openNode(inner) : closedNode(box));
    });
    if (nested) nodes.push({ ...bars[1], ins: bars[1].spots, outs: [], loose: false });
    for (const edge of body.edges) links.push(this.link(body, state, edge, number, nested, nodes));
    const plan = this.layout(nodes, links);
    const frame = nested ? framed(body, plan, bars) : { dx: 0, dy: 0, width: plan.width, height: plan.height, titleX: 0, ins: [], outs: [] };
    const move = ([x, y]) => [x + frame.dx, y + frame.dy];
    const corners = plan.corners.map(move);
    const boxes = body.boxes.map((box, i) => number[i] === undefined ? null : {
      x: corners[number[i]][0], y: corners[number[i]][1],
      width: nodes[number[i]].width, height: nodes[number[i]].height, state: state.kids.get(i),
    });
    const wires = plan.wires.map((wire, i) => this.ended(wire.map(move), body, body.edges[i], boxes, frame, nested));
    const labels = plan.labels.map((spot) => (spot ? move(spot) : null));
    return { ...frame, body, boxes, wires, labels };
  }

  openNode(inner) {
    const { width, height, ins, outs } = this.plan(inner, true);
    return { width, height, ins, outs, loose: false };
  }

  // The places of a body's inputs or outputs in a row, each with room for its name on its right.
  bar(body, ports) {
    if (ports.length < 2) return { width: 2, height: 0, spots: ports.map(() => 1) };
    let x = 0;
    const widths = ports.map((port) => (port < 0 ? 0 : body.boxes[port].look.titleWidth) + PORT_GAP);
    const spots = widths.map((width) => (x += width) - width + 4);
    return { width: x, height: PORT_ROW, spots };
  }

  link(body, state, edge, number, nested, nodes) {
    const from = body.boxes[edge.source], to = body.boxes[edge.target];
    const link = { source: number[edge.source], target: number[edge.target], out: edge.out, into: edge.into, label: edge.label.size };
    if (nested && from.port) Object.assign(link, { source: 0, out: body.inputs.indexOf(edge.source) });
    else if (state.kids.has(edge.source)) link.out = edge.from;
    if (nested && to.port) Object.assign(link, { target: nodes.length - 1, into: body.outputs.indexOf(edge.target) });
    else if (state.kids.has(edge.target)) link.into = edge.to;
    link.out = Math.max(0, Math.min(link.out, nodes[link.source].outs.length - 1));
    link.into = Math.max(0, Math.min(link.into, nodes[link.target].ins.length - 1));
    return link;
  }

  // A wire drawn up to where it meets what it ties: the border of the frame, or the round side of a circle.
  ended(wire, body, edge, boxes, frame, nested) {
    const first = wire[0], last = wire[wire.length - 1];
    if (nested && body.boxes[edge.source].port) first[1] = 0;
    else first[1] -= roundness(body.boxes[edge.source], boxes[edge.source], first[0]);
    if (nested && body.boxes[edge.target].port) last[1] = frame.height;
    else last[1] += roundness(body.boxes[edge.target], boxes[edge.target], last[0]);
    return wire;
  }
}

function closedNode(box) {
  const { width, height, shape } = box.look;
  return { width, height, ins: spread(box.ins, width), outs: spread(box.outs, width), loose: shape === "circle" };
}

function spread(count, width) {
  return Array.from({ length: count }, (_, i) => ((i + 0.5) * width) / count);
}

function roundness(box, place, x) {
  if (box.look.shape !== "circle" || place.state) return 0;
  const radius = place.height / 2;
  const flat = Math.max(0, (place.width - place.height) / 2);
  const off = Math.max(0, Math.abs(x - place.x - place.width / 2) - flat);
  return radius - Math.sqrt(Math.max(0, radius * radius - off * off));
}

// The frame around what is inside. Its name stands in the head, left or right of the wires that come in; where neither
// side has room the frame grows.
function framed(body, plan, bars) {
  const ins = bars[0].spots.map((x) => x + plan.corners[0][0]);
  const outs = bars[1].spots.map((x) => x + plan.corners[plan.corners.length - 1][0]);
  const need = body.titleWidth + TRIANGLE + 8;
  const left = PAD + (ins.length ? Math.min(...ins) : plan.width), last = ins.length ? Math.max(...ins) : 0;
  const right = PAD + plan.width - last;
  let dx = PAD, width = plan.width + 2 * PAD, titleX = 0;
  if (!ins.length) width = Math.max(width, need);
  else if (left < need && right >= need) titleX = PAD + last + 4;
  else if (left < need && left >= right) { dx += need - left; width += need - left; }
  else if (left < need) { titleX = PAD + last + 4; width += need - right + 4; }
  const shift = (x) => x + dx;
  return { dx, dy: HEAD, width, height: plan.height + HEAD + PAD, titleX, ins: ins.map(shift), outs: outs.map(shift) };
}
