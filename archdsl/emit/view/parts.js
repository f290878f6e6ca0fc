// Lays a long body out in parts. What is equal, in this body or another, is laid out once: a step changes one part.
//
// A body is cut at nodes that no link passes: all ways lead through them. Parts share the node between them and are set
// so that it is in one place. a -> b -> c, a -> c, c -> d, d -> e: parts a b c and c d e.

const PART = 24;  // nodes in a part, at least

// As layered(nodes, links); `kept` holds what was laid out before, by all that the layout is told.
function inParts(layout, nodes, links, kept) {
  const cuts = cutsOf(nodes, links);
  if (cuts.length < 3) return layout(nodes, links);
  const owned = cuts.slice(1).map(() => []);
  const partOf = [];
  for (let part = 0, node = 0; node < nodes.length; node++) {
    partOf[node] = part;
    if (part < owned.length - 1 && node + 1 === cuts[part + 1]) part++;
  }
  links.forEach((link, i) => owned[partOf[link.source]].push(i));
  const plan = { width: 0, height: 0, corners: [], widths: [], wires: [], labels: [], heads: [] };
  let left = 0, right = 0;
  owned.forEach((numbers, part) => {
    const first = cuts[part], last = cuts[part + 1];
    const told = [nodes.slice(first, last + 1), numbers.map((i) => ({ ...links[i], source: links[i].source - first, target: links[i].target - first }))];
    const key = JSON.stringify(told);
    if (!kept.has(key)) kept.set(key, layout(...told));
    const inner = kept.get(key), joint = plan.corners[first];
    const dx = joint ? joint[0] - inner.corners[0][0] : 0, dy = joint ? joint[1] - inner.corners[0][1] : 0;
    const move = (spot) => spot && [spot[0] + dx, spot[1] + dy];
    inner.corners.forEach((corner, i) => { plan.corners[first + i] = move(corner); plan.widths[first + i] = inner.widths[i]; });
    numbers.forEach((number, i) => {
      plan.wires[number] = inner.wires[i].map(move);
      plan.labels[number] = move(inner.labels[i]);
      plan.heads[number] = move(inner.heads[i]);
    });
    left = Math.min(left, dx);
    right = Math.max(right, dx + inner.width);
    plan.height = Math.max(plan.height, dy + inner.height);
  });
  const shift = (spot) => spot && [spot[0] - left, spot[1]];
  return {
    width: right - left, height: plan.height, widths: plan.widths, corners: plan.corners.map(shift),
    wires: plan.wires.map((wire) => wire.map(shift)), labels: plan.labels.map(shift), heads: plan.heads.map(shift),
  };
}

// The nodes at which to cut, the first and the last node among them. Nothing but the node at its ends begins or ends in
// what lies beside a cut: the parts on both sides of it stand above and below each other.
function cutsOf(nodes, links) {
  const count = nodes.length, end = new Array(count).fill(-1), entered = new Array(count).fill(false);
  for (const { source, target } of links) {
    end[source] = Math.max(end[source], target);
    entered[target] = true;
  }
  const free = [0];
  for (let node = 1, far = end[0]; node < count - 1; node++) {
    if (far <= node && entered[node] && end[node] > node && !nodes[node].stretch) free.push(node);
    far = Math.max(far, end[node]);
  }
  free.push(count - 1);
  const clean = free.slice(1).map((last, i) => {
    for (let node = free[i] + 1; node < last; node++) if (!entered[node] || end[node] < 0) return false;
    return true;
  });
  const cuts = [0];
  for (let i = 1; i < free.length - 1; i++) {
    if (clean[i - 1] && clean[i] && free[i] - cuts[cuts.length - 1] >= PART && count - free[i] >= PART) cuts.push(free[i]);
  }
  return [...cuts, count - 1];
}
