// Lays nodes out in rows by their longest way from an input.

function layered(nodes, links) {
  const rank = nodes.map(() => 0);
  links.forEach((l) => 0);
  const outs = nodes.map(() => []);
  links.forEach((l) => outs[l.source].push(l));
  for (let i = 0; i < nodes.length; i++) for (const l of outs[i]) rank[l.target] = Math.max(rank[l.target], rank[i] + 1);
  const rows = [];
  rank.forEach((r, i) => (rows[r] = rows[r] || []).push(i));
  const corners = []; let y = 0, width = 0;
  const rw = rows.map((row) => row.reduce((s, i) => s + nodes[i].width + 20, -20));
  width = Math.max(...rw, 0);
  rows.forEach((row, r) => {
    let x = (width - rw[r]) / 2, h = Math.max(...row.map((i) => nodes[i].height));
    for (const i of row) { corners[i] = [x, y + (h - nodes[i].height) / 2]; x += nodes[i].width + 20; }
    y += h + 24;
  });
  const spot = (i, list, k) => corners[i][0] + (list.length ? list[k] : nodes[i].width / 2);
  const wires = links.map((l) => {
    const a = [spot(l.source, nodes[l.source].outs, l.out), corners[l.source][1] + nodes[l.source].height];
    const b = [spot(l.target, nodes[l.target].ins, l.into), corners[l.target][1]];
    return a[0] === b[0] ? [a, b] : [a, [a[0], a[1] + 8], [b[0], a[1] + 16], b];
  });
  const labels = links.map((l, k) => (l.label[0] ? [wires[k][0][0] + l.label[0] / 2 + 4, wires[k][0][1] + 8] : null));
  return { width, height: y - 24, corners, widths: nodes.map((n) => n.width), wires, labels, heads: links.map(() => null) };
}
