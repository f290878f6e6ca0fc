// Lays out a state: the inside of an open box is laid out first, and is then a node of the body around it.

const MOST_KEPT = 400000;  // boxes of plans that are kept for when they are asked for again
const PAD = 8;          // between the border of an open box and what is in it
const HEAD = 17;        // height of its head, where its name stands
const ROOM = 7;         // between the bars at both ends of what is inside and all else
const PORT_GAP = 14;    // between the names of two inputs
const PORT_ROW = 11;    // height of the row of names, where there are several
const SLOT = 12;        // between two wires that meet a box beside each other, at least
const SHEET = 3;        // by which the second sheet of what stands for several shows behind it
const TRIANGLE = 12;    // width of the sign that opens and closes

class Nest {
  constructor(net, layout) {
    this.net = net;
    this.layout = layout;
    this.forget();
  }

  forget() {
    this.plans = new Map();
    this.parts = new Map();
    this.room = MOST_KEPT;
  }

  // Where all stands, from the upper left corner of the frame. `boxes[i]` is { x, y, width, height, state }, none for
  // the ports of what is nested; `wires` are { edge, line, label, head }, the last two centres of text.
  plan(state, nested = false) {
    const key = (nested ? "n" : "r") + state.id;
    let found = this.plans.get(key);
    if (!found) {
      found = this.make(state, nested);
      this.room -= found.boxes.length;
      if (this.room < 0) this.forget();
      this.plans.set(key, found);
    }
    return found;
  }

  make(state, nested) {
    const body = this.net.bodies[state.body];
    const nodes = [], number = [];
    if (nested) nodes.push(this.bar(body, body.inputs, "outs"));
    body.boxes.forEach((box, i) => {
      if (nested && box.port) return;
      number[i] = nodes.length;
      const inner = state.kids.get(i);
      nodes.push(inner ? this.openNode(inner) : closedNode(box));
    });
    if (nested) nodes.push(this.bar(body, body.outputs, "ins"));
    const ways = body.edges.flatMap((edge) => waysOf(edge, state));
    const plan = inParts(this.layout, nodes, ways.map((way) => this.link(way, body, state, number, nested, nodes)), this.parts);
    const frame = nested ? framed(body, plan, nodes) : { dx: 0, dy: 0, width: plan.width, height: plan.height, titleX: 0, ins: [], outs: [] };
    const move = (spot) => spot && [spot[0] + frame.dx, spot[1] + frame.dy];
    const boxes = body.boxes.map((_, i) => {
      const node = number[i];
      if (node === undefined) return null;
      const [x, y] = move(plan.corners[node]);
      return { x, y, width: plan.widths[node], height: nodes[node].height, state: state.kids.get(i) };
    });
    const raised = this.net.pair && !nested ? raise(body, boxes) : [];
    const wires = ways.map(({ edge }, i) => {
      const line = plan.wires[i].map(move);
      line[0][1] -= raised[edge.source] || 0;
      line[line.length - 1][1] -= raised[edge.target] || 0;
      if (nested && body.boxes[edge.source].port) line[0][1] = 0;
      if (nested && body.boxes[edge.target].port) line[line.length - 1][1] = frame.height;
      return { edge, line, label: move(plan.labels[i]), head: move(plan.heads[i]) };
    });
    return { ...frame, body, boxes, wires };
  }

  openNode(inner) {
    const { width, height, ins, outs } = this.plan(inner, true);
    return { width, height, ins, outs, loose: false };
  }

  // A body's inputs or outputs in a row, each with room for its name on its right; where they meet what is inside.
  bar(body, ports, side) {
    const made = { width: 2, height: 0, ins: [], outs: [], loose: false };
    if (ports.length < 2) return { ...made, [side]: ports.map(() => 1) };
    const widths = ports.map((port) => (port < 0 ? 0 : body.boxes[port].look.titleWidth) + PORT_GAP);
    let x = 0;
    made[side] = widths.map((width) => (x += width) - width + 4);
    return { ...made, width: x, height: body.real ? PORT_ROW : 0 };
  }

  link({ edge, tie: [from, to], first }, body, state, number, nested, nodes) {
    const source = body.boxes[edge.source], target = body.boxes[edge.target], none = [0, 0];
    const link = { source: number[edge.source], target: number[edge.target], out: edge.out, into: edge.into, label: first ? edge.label.size : none, head: none };
    if (nested && source.port) Object.assign(link, { source: 0, out: body.inputs.indexOf(edge.source) });
    else if (state.kids.has(edge.source) || this.isFold(source)) link.out = from;
    if (nested && target.port) Object.assign(link, { target: nodes.length - 1, into: body.outputs.indexOf(edge.target) });
    else if (state.kids.has(edge.target)) link.into = to;
    else if (first) link.head = edge.operand.size;
    return link;
  }

  isFold(box) {
    return box.open >= 0 && !this.net.bodies[box.open].real;
  }
}

// Moves two networks beside each other to the top of their row, so that what is equal in both begins side by side; by
// how much, for each box.
function raise(body, boxes) {
  const inner = boxes.filter((_, i) => !body.boxes[i].port), top = Math.min(...inner.map((box) => box.y));
  return boxes.map((box, i) => {
    if (body.boxes[i].port) return 0;
    const by = box.y - top;
    box.y = top;
    return by;
  });
}

// The wires for an edge: one, but one for each of its tensors where what it ties is open.
function waysOf(edge, state) {
  const open = state.kids.has(edge.source) || state.kids.has(edge.target);
  return (open ? edge.ties : edge.ties.slice(0, 1)).map((tie, i) => ({ edge, tie, first: i === 0 }));
}

function closedNode({ look, ins, outs, open }) {
  const { shape, deep } = look, loose = false;
  const width = look.width + (open < 0 ? 0 : TRIANGLE) + (deep ? SHEET : 0), height = look.height + (deep ? SHEET : 0);
  if (shape === "bar" || shape === "circle") return { width, height, ins: [], outs: [], loose, stretch: shape === "bar", sides: shape === "circle" };
  const wide = Math.max(width, SLOT * Math.max(ins, outs));
  return { width: wide, height, ins: spread(ins, wide), outs: spread(outs, wide), loose };
}

function spread(count, width) {
  return count < 2 ? [] : Array.from({ length: count }, (_, i) => ((i + 0.5) * width) / count);
}

// The frame around what is inside, without the empty rows that the layout leaves beside the bars. Its name stands in the
// head, left or right of the wires that come in; where neither side has room the frame grows.
function framed(body, plan, nodes) {
  const last = nodes.length - 1, inside = extent(plan, nodes);
  const ins = nodes[0].outs.map((x) => x + plan.corners[0][0]), outs = nodes[last].ins.map((x) => x + plan.corners[last][0]);
  const cut = Math.max(0, inside.top - nodes[0].height - ROOM), bottom = Math.min(plan.height, inside.bottom + nodes[last].height + ROOM);
  const need = body.titleWidth + TRIANGLE + 8;
  const left = PAD + (ins.length ? Math.min(...ins) : plan.width), end = ins.length ? Math.max(...ins) : 0;
  const right = PAD + plan.width - end;
  let dx = PAD, width = plan.width + 2 * PAD, titleX = 0;
  if (!ins.length) width = Math.max(width, need);
  else if (left < need && right >= need) titleX = PAD + end + 4;
  else if (left < need && left >= right) { dx += need - left; width += need - left; }
  else if (left < need) { titleX = PAD + end + 4; width += need - right + 4; }
  const shift = (x) => x + dx;
  return { dx, dy: HEAD - cut, width, height: HEAD - cut + bottom + PAD, titleX, ins: ins.map(shift), outs: outs.map(shift) };
}

// From where to where all reaches that is no bar, nor the straight end of a wire that leads to one.
function extent(plan, nodes) {
  const last = nodes.length - 1, heights = [];
  for (let i = 1; i < last; i++) heights.push(plan.corners[i][1], plan.corners[i][1] + nodes[i].height);
  for (const wire of plan.wires) heights.push(...wire.slice(1, -1).map(([, y]) => y));
  for (const spot of [...plan.labels, ...plan.heads]) if (spot) heights.push(spot[1] - 6, spot[1] + 6);
  return { top: Math.min(plan.height, ...heights), bottom: Math.max(0, ...heights) };
}
