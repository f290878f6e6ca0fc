// Lays out a graph in rows from above to below: archdsl/emit/layered/, step by step and to the last bit, for the page.
//
// layered(nodes, links, gaps) takes and returns what archdsl/emit/layered/model.py describes, as plain objects; what
// is left out of a node, a link or the gaps is as it is there. Functions are called as in Python, in the same order.
const layered = (() => {
  const TRUNK = -1, STRAIGHT = 1e-6, ROUNDING = 1e-9, FAR = Infinity;
  const SWEEPS = 12, PATIENCE = 4, EFFORT = 200000, ROUNDS = 2, TRIES = 16, MANY = 100;
  const zeros = (count) => new Array(count).fill(0);

  function lists(count) {
    const result = [];
    for (let k = 0; k < count; k++) result.push([]);
    return result;
  }

  const byNumber = (a, b) => a - b;

  // ranks.py
  function rankNodes(count, steps) {
    const above = lists(count), below = lists(count);
    for (const [source, target, rows] of steps) {
      above[target].push([source, rows]);
      below[source].push([target, rows]);
    }
    const ranks = zeros(count), depths = zeros(count), free = new Array(count).fill(true);
    for (let node = 0; node < count; node++) {
      for (const [source, rows] of above[node]) {
        ranks[node] = Math.max(ranks[node], ranks[source] + rows);
        if (!free[source] || below[source].some(([target]) => target !== node)) free[node] = false;
      }
    }
    for (let node = count - 1; node >= 0; node--) {
      let room = -1;
      for (const [target, rows] of below[node]) {
        depths[node] = Math.max(depths[node], depths[target] + rows);
        const slack = ranks[target] - rows - ranks[node];
        room = room < 0 ? slack : Math.min(room, slack);
      }
      if (free[node] && room > 0) ranks[node] += room;
    }
    return [ranks, depths, free];
  }

  // grid.py
  function makeGrid(nodes, links, gaps) {
    const grid = { nodes, links, gaps, nets: [], netOfLink: [], upper: [], lower: [], netOfEdge: [], linkOfEdge: [] };
    findNets(grid);
    findLabelSides(grid);
    const steps = links.map((link, k) => [link.source, link.target, grid.nets[grid.netOfLink[k]].labelSide === 0 ? 2 : 1]);
    [grid.rank, grid.depths, grid.free] = rankNodes(nodes.length, steps);
    grid.widths = leastWidths(grid);
    grid.left = grid.widths.map((width) => width / 2);
    grid.right = grid.widths.map((width) => width / 2);
    grid.height = nodes.map((node) => node.height);
    grid.ends = zeros(links.length);
    grid.headSides = zeros(links.length);
    grid.sides = new Map();
    grid.drops = new Map();
    addLanes(grid);
    let last = -1;
    for (const rank of grid.rank) last = Math.max(last, rank);
    grid.rows = lists(last + 1);
    return grid;
  }

  function findNets(grid) {
    const known = new Map();
    grid.links.forEach((link, index) => {
      const node = grid.nodes[link.source], key = link.source + " " + link.out;
      if (!known.has(key)) {
        known.set(key, grid.nets.length);
        const start = node.outs.length && !node.stretch ? node.outs[link.out] - node.width / 2 : 0;
        grid.nets.push({ source: link.source, out: link.out, links: [], label: [0, 0], labelSide: 1, start });
      }
      const net = grid.nets[known.get(key)];
      net.links.push(index);
      net.label = [Math.max(net.label[0], link.label[0]), Math.max(net.label[1], link.label[1])];
      grid.netOfLink.push(known.get(key));
    });
  }

  function findLabelSides(grid) {
    const leaving = lists(grid.nodes.length), text = grid.gaps.text;
    for (const net of grid.nets) leaving[net.source].push(net);
    leaving.forEach((nets, item) => {
      const node = grid.nodes[item];
      nets.sort((a, b) => a.start - b.start || a.out - b.out);
      let taken = -FAR;
      nets.forEach((net, k) => {
        if (net.label[0] > 0) {
          const reach = net.label[0] + 2 * text;
          if (nets.length > 1 && (node.stretch || !node.outs.length)) net.labelSide = 0;
          else if (k + 1 === nets.length || net.start + reach <= nets[k + 1].start) net.labelSide = 1;
          else if (k === 0 || net.start - reach >= taken) net.labelSide = -1;
          else net.labelSide = 0;
        }
        taken = net.start + (net.labelSide === 1 ? net.label[0] + text : 0);
      });
    });
  }

  function leastWidths(grid) {
    const coming = lists(grid.nodes.length);
    for (const link of grid.links) coming[link.target].push(link.head[0]);
    return grid.nodes.map((node, item) => {
      const heads = coming[item], chosen = node.stretch || !(node.ins.length || node.outs.length || node.sides);
      if (!chosen || heads.length < 2 || Math.max(...heads) <= 0) return node.width;
      const room = heads.map((head) => roomFor(grid, head));
      let needed = grid.gaps.wire - Math.min(...room);
      for (const distance of room) needed += distance;
      return Math.max(node.width, needed);
    });
  }

  function roomFor(grid, text) {
    return text > 0 ? Math.max(grid.gaps.wire, text + 3 * grid.gaps.text) : grid.gaps.wire;
  }

  function addLanes(grid) {
    grid.nets.forEach((net, index) => {
      const top = grid.rank[net.source];
      net.lastRank = 0;
      for (const link of net.links) net.lastRank = Math.max(net.lastRank, grid.rank[grid.links[link].target]);
      net.firstLane = grid.rank.length;
      for (let rank = top + 1; rank < net.lastRank; rank++) {
        const labelled = net.labelSide === 0 && rank === top + 1;
        grid.rank.push(rank);
        grid.left.push(0);
        grid.right.push(labelled ? net.label[0] + grid.gaps.text : 0);
        grid.height.push(labelled ? net.label[1] : 0);
        addEdge(grid, itemOf(grid, net, rank - 1), grid.rank.length - 1, index, TRUNK);
      }
      for (const link of net.links) {
        const target = grid.links[link].target;
        addEdge(grid, itemOf(grid, net, grid.rank[target] - 1), target, index, link);
      }
    });
    grid.ups = lists(grid.rank.length);
    grid.downs = lists(grid.rank.length);
    for (let edge = 0; edge < grid.upper.length; edge++) {
      grid.ups[grid.lower[edge]].push(edge);
      grid.downs[grid.upper[edge]].push(edge);
    }
  }

  function addEdge(grid, upper, lower, net, link) {
    grid.upper.push(upper);
    grid.lower.push(lower);
    grid.netOfEdge.push(net);
    grid.linkOfEdge.push(link);
  }

  function itemOf(grid, net, rank) {
    const down = rank - grid.rank[net.source];
    return down === 0 ? net.source : net.firstLane + down - 1;
  }

  const isNode = (grid, item) => item < grid.nodes.length;
  const gapOf = (grid, a, b) => (Math.max(a, b) < grid.nodes.length ? grid.gaps.node : grid.gaps.wire);

  function startOf(grid, edge) {
    const net = grid.nets[grid.netOfEdge[edge]];
    return grid.upper[edge] === net.source ? net.start : 0;
  }

  function endOf(grid, edge) {
    const link = grid.linkOfEdge[edge];
    return link === TRUNK ? 0 : grid.ends[link];
  }

  function isWeak(grid, edge) {
    const net = grid.nets[grid.netOfEdge[edge]];
    const direct = grid.upper[edge] === net.source && grid.linkOfEdge[edge] !== TRUNK;
    return net.links.length > 1 && !direct;
  }

  function placesOf(grid) {
    const place = zeros(grid.rank.length);
    for (const row of grid.rows) number(place, row);
    return place;
  }

  function number(place, row) {
    for (let index = 0; index < row.length; index++) place[row[index]] = index;
  }

  // order.py
  function orderRows(grid) {
    const starts = grid.upper.map((item, edge) => fraction(grid, item, startOf(grid, edge)));
    const arrivals = grid.lower.map((item, edge) => arrival(grid, edge));
    walk(grid, starts);
    const counts = new Array(grid.rows.length).fill(-1);
    const order = { grid, starts, arrivals, counts, place: placesOf(grid) };
    let best = grid.rows.slice(), least = allCrossings(order), stale = 0;
    const sweeps = Math.min(SWEEPS, roundsOf(grid));
    for (let sweep = 0; sweep < sweeps; sweep++) {
      if (least === 0 || stale === PATIENCE) break;
      sortRows(order, sweep % 2 === 0);
      swapNeighbours(order);
      const found = allCrossings(order);
      stale++;
      if (found < least) [best, least, stale] = [grid.rows.slice(), found, 0];
    }
    grid.rows = best;
  }

  const roundsOf = (grid) => 1 + Math.floor(EFFORT / Math.max(1, grid.rank.length));

  function arrange(order, rank, row) {
    order.grid.rows[rank] = row;
    number(order.place, row);
    order.counts[rank] = -1;
    if (rank > 0) order.counts[rank - 1] = -1;
  }

  function fraction(grid, item, offset) {
    const width = isNode(grid, item) ? grid.widths[item] : 0;
    return width > 0 ? 0.45 + 0.9 * offset / width : 0.45;
  }

  function arrival(grid, edge) {
    const item = grid.lower[edge], link = grid.linkOfEdge[edge];
    if (link === TRUNK || grid.nodes[item].loose || grid.nodes[item].sides) return 0.45;
    return fraction(grid, item, grid.ends[link]);
  }

  // The places where `edges` end at `items`, in order.
  function ends(place, edges, items, fractions) {
    const result = [];
    for (const edge of edges) result.push(place[items[edge]] + fractions[edge]);
    return result.length > 1 ? result.sort(byNumber) : result;
  }

  const above = (order, item) => ends(order.place, order.grid.ups[item], order.grid.upper, order.starts);
  const below = (order, item) => ends(order.place, order.grid.downs[item], order.grid.lower, order.arrivals);

  function walk(grid, starts) {
    const seen = new Array(grid.rank.length).fill(false);
    for (let start = 0; start < grid.nodes.length; start++) {
      const stack = grid.ups[start].length ? [] : [start];
      while (stack.length) {
        const item = stack.pop();
        if (seen[item]) continue;
        seen[item] = true;
        grid.rows[grid.rank[item]].push(item);
        const edges = grid.downs[item].slice().sort((a, b) => isWeak(grid, a) - isWeak(grid, b) || starts[a] - starts[b]);
        for (let k = edges.length - 1; k >= 0; k--) stack.push(grid.lower[edges[k]]);
      }
    }
  }

  // How many of sorted `places` are at most (or below) `place`.
  function countUpTo(places, place, strictly) {
    let low = 0, high = places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (strictly ? places[middle] < place : places[middle] <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function crossings(order, rank) {
    if (rank < 0) return 0;
    if (order.counts[rank] < 0) order.counts[rank] = countCrossings(order, order.grid.rows[rank]);
    return order.counts[rank];
  }

  function allCrossings(order) {
    let count = 0;
    for (let rank = 0; rank < order.counts.length; rank++) count += crossings(order, rank);
    return count;
  }

  function countCrossings({ grid, place, starts, arrivals }, row) {
    const arrived = [], end = (edge) => place[grid.lower[edge]] + arrivals[edge];
    let count = 0;
    for (const item of row) {
      // Edges of one item in the order of their starts; of the same start, in that of their ends.
      let edges = grid.downs[item];
      if (edges.length > 1) edges = edges.slice().sort((a, b) => starts[a] - starts[b] || end(a) - end(b));
      for (const edge of edges) {
        const last = end(edge);
        if (!arrived.length || arrived[arrived.length - 1] <= last) {
          arrived.push(last);
          continue;
        }
        const k = countUpTo(arrived, last, false);
        count += arrived.length - k;
        arrived.splice(k, 0, last);
      }
    }
    return count;
  }

  function sortRows(order, down) {
    const size = order.grid.rows.length;
    for (let step = 0; step < size; step++) {
      const rank = down ? step : size - 1 - step;
      if (crossings(order, down ? rank - 1 : rank) === 0) continue;
      const row = order.grid.rows[rank].slice(), means = [], slots = [];
      row.forEach((item, slot) => {
        const places = down ? above(order, item) : below(order, item);
        if (!places.length) return;
        let sum = 0;
        for (const place of places) sum += place;
        means.push([sum / places.length, item]);
        slots.push(slot);
      });
      means.sort((a, b) => a[0] - b[0]);
      slots.forEach((slot, k) => (row[slot] = means[k][1]));
      arrange(order, rank, row);
    }
  }

  function swapNeighbours(order) {
    const rounds = Math.min(PATIENCE, roundsOf(order.grid));
    for (let round = 0; round < rounds; round++) {
      let better = false;
      for (let rank = 0; rank < order.grid.rows.length; rank++) {
        if (crossings(order, rank) === 0 && crossings(order, rank - 1) === 0) continue;
        const row = order.grid.rows[rank].slice();
        const ups = row.map((item) => above(order, item)), downs = row.map((item) => below(order, item));
        let moved = false;
        for (let k = 0; k + 1 < row.length; k++) {
          const now = inversions(ups[k], ups[k + 1]) + inversions(downs[k], downs[k + 1]);
          if (now > 0 && now > inversions(ups[k + 1], ups[k]) + inversions(downs[k + 1], downs[k])) {
            for (const list of [row, ups, downs]) [list[k], list[k + 1]] = [list[k + 1], list[k]];
            moved = true;
          }
        }
        if (moved) arrange(order, rank, row);
        better = better || moved;
      }
      if (!better) break;
    }
  }

  function inversions(left, right) {
    let count = 0, k = 0;
    for (const end of left) {
      while (k < right.length && right[k] < end) k++;
      count += k;
    }
    return count;
  }

  // columns.py
  function placeColumns(grid, above, below) {
    const layouts = [];
    let narrowest = 0, least = FAR;
    for (const upwards of [false, true]) {
      for (const mirrored of [false, true]) {
        const middles = oneLayout(grid, upwards ? below : above, upwards, mirrored), [low, high] = extent(grid, middles);
        if (high - low < least) [narrowest, least] = [layouts.length, high - low];
        layouts.push(middles);
      }
    }
    const goal = extent(grid, layouts[narrowest]);
    layouts.forEach((middles, index) => {
      const side = index % 2, move = goal[side] - extent(grid, middles)[side];
      for (let item = 0; item < middles.length; item++) middles[item] += move;
    });
    const result = grid.rank.map((_, item) => {
      const four = layouts.map((middles) => middles[item]).sort(byNumber);
      return (four[1] + four[2]) / 2;
    });
    const low = extent(grid, result)[0];
    return result.map((middle) => middle - low);
  }

  function extent(grid, middles) {
    let low = FAR, high = -FAR;
    for (let item = 0; item < middles.length; item++) {
      low = Math.min(low, middles[item] - grid.left[item]);
      high = Math.max(high, middles[item] + grid.right[item]);
    }
    return middles.length ? [low, high] : [0, 0];
  }

  function alignments(grid) {
    const place = placesOf(grid), straight = straightEdges(grid, place);
    const above = lists(grid.rank.length), below = lists(grid.rank.length);
    for (let edge = 0; edge < grid.upper.length; edge++) {
      if (!straight[edge]) continue;
      const upper = grid.upper[edge], lower = grid.lower[edge];
      const shift = anchorBelow(grid, edge) - anchorAbove(grid, edge);
      above[lower].push([upper, shift]);
      below[upper].push([lower, -shift]);
    }
    for (const linked of above) if (linked.length > 1) linked.sort((a, b) => place[a[0]] - place[b[0]]);
    for (const linked of below) if (linked.length > 1) linked.sort((a, b) => place[a[0]] - place[b[0]]);
    return [above, below];
  }

  function straightEdges(grid, place) {
    const count = zeros(grid.upper.length);
    for (let item = 0; item < grid.rank.length; item++) {
      for (const edge of preferredBelow(grid, item)) count[edge]++;
      for (const edge of preferredAbove(grid, item)) count[edge]++;
    }
    const straight = count.map((both) => both === 2);
    const weight = grid.upper.map((_, edge) => weightOf(grid, edge));
    for (const row of grid.rows) {
      const edges = [];
      for (const item of row) for (const edge of grid.downs[item]) if (straight[edge]) edges.push(edge);
      edges.sort((a, b) => place[grid.lower[a]] - place[grid.lower[b]]);
      for (const strong of [2, 1]) dropCrossing(grid, edges, strong, place, weight, straight);
    }
    return straight;
  }

  function weightOf(grid, edge) {
    const upper = grid.upper[edge], lower = grid.lower[edge];
    if (isNode(grid, upper) && isNode(grid, lower)) return grid.depths[upper] === grid.depths[lower] + 1 ? 2 : 0;
    return isNode(grid, upper) || isNode(grid, lower) ? 0 : 1;
  }

  function dropCrossing(grid, edges, strong, place, weight, straight) {
    for (const backwards of [false, true]) {
      let limit = -1, pending = -1, at = -1;
      for (let k = 0; k < edges.length; k++) {
        const edge = edges[backwards ? edges.length - 1 - k : k], lower = place[grid.lower[edge]];
        const upper = backwards ? grid.rank.length - place[grid.upper[edge]] : place[grid.upper[edge]];
        if (lower !== at) [limit, at] = [Math.max(limit, pending), lower];
        if (weight[edge] === strong && straight[edge]) pending = Math.max(pending, upper);
        else if (weight[edge] < strong && limit > upper) straight[edge] = false;
      }
    }
  }

  // Those that pass `test`, or all where none does.
  function anyOf(edges, test) {
    const some = edges.filter(test);
    return some.length ? some : edges;
  }

  function preferredBelow(grid, item) {
    if (!isNode(grid, item)) return anyOf(grid.downs[item], (edge) => grid.linkOfEdge[edge] === TRUNK);
    const edges = anyOf(grid.downs[item], (edge) => !isWeak(grid, edge));
    if (edges.length === 2) {
      const [a, b] = edges.map((edge) => depthOf(grid, edge));
      if (a !== b) return [a > b ? edges[0] : edges[1]];
    }
    return edges;
  }

  function depthOf(grid, edge) {
    const net = grid.nets[grid.netOfEdge[edge]], link = grid.linkOfEdge[edge];
    return grid.depths[grid.links[link === TRUNK ? net.links[0] : link].target];
  }

  function preferredAbove(grid, item) {
    let edges = anyOf(grid.ups[item], (edge) => !isWeak(grid, edge));
    edges = anyOf(edges, (edge) => !grid.free[grid.nets[grid.netOfEdge[edge]].source]);
    edges = anyOf(edges, (edge) => grid.ups[grid.nets[grid.netOfEdge[edge]].source].length > 0);
    if (isNode(grid, item) && edges.length === 2) {
      const direct = edges.filter((edge) => isNode(grid, grid.upper[edge]));
      return direct.length === 1 ? direct : edges;
    }
    return edges;
  }

  const anchorBelow = (grid, edge) => (isNode(grid, grid.upper[edge]) ? onlyStart(grid, grid.upper[edge]) : 0);

  function onlyStart(grid, item) {
    const downs = grid.downs[item];
    if (grid.nodes[item].stretch || !downs.length) return 0;
    const start = startOf(grid, downs[0]);
    return downs.every((edge) => startOf(grid, edge) === start) ? start : 0;
  }

  function anchorAbove(grid, edge) {
    const item = grid.lower[edge];
    if (!isNode(grid, item) || grid.nodes[item].stretch) return 0;
    const end = endOf(grid, edge);
    return grid.ups[item].every((other) => endOf(grid, other) === end) ? end : onlyStart(grid, item);
  }

  function oneLayout(grid, linked, upwards, mirrored) {
    let rows = upwards ? grid.rows.slice().reverse() : grid.rows;
    if (mirrored) rows = rows.map((row) => row.slice().reverse());
    const [root, shift] = align(rows, linked, mirrored);
    const [left, right] = mirrored ? [grid.right, grid.left] : [grid.left, grid.right];
    const middles = pushTogether(grid, rows, root, shift, left, right);
    if (mirrored) for (let item = 0; item < middles.length; item++) middles[item] = -middles[item];
    return middles;
  }

  function align(rows, linked, mirrored) {
    const root = linked.map((_, item) => item), shift = zeros(root.length), place = zeros(root.length);
    for (const row of rows) {
      number(place, row);
      let last = -1;
      for (const item of row) {
        const pairs = linked[item];
        if (!pairs.length) continue;
        const from = (pairs.length - 1) >> 1, to = pairs.length >> 1;
        for (let k = from; k <= to; k++) {
          const [other, move] = pairs[mirrored ? from + to - k : k];
          if (root[item] === item && place[other] > last) {
            root[item] = root[other];
            shift[item] = mirrored ? shift[other] - move : shift[other] + move;
            last = place[other];
          }
        }
      }
    }
    return [root, shift];
  }

  function pushTogether(grid, rows, root, shift, left, right) {
    const size = root.length, nexts = lists(size), waiting = zeros(size), start = zeros(size), sequence = [];
    for (let item = 0; item < size; item++) start[root[item]] = Math.max(start[root[item]], left[item] - shift[item]);
    for (const row of rows) {
      for (let k = 0; k + 1 < row.length; k++) {
        const a = row[k], b = row[k + 1];
        // A block and its distance, in turns: many small arrays would cost more than all the rest.
        nexts[root[a]].push(root[b], right[a] + gapOf(grid, a, b) + left[b] + shift[a] - shift[b]);
        waiting[root[b]]++;
      }
    }
    for (let item = 0; item < size; item++) if (root[item] === item && waiting[item] === 0) sequence.push(item);
    for (const block of sequence) {
      const next = nexts[block];
      for (let k = 0; k < next.length; k += 2) {
        const other = next[k];
        start[other] = Math.max(start[other], start[block] + next[k + 1]);
        if (--waiting[other] === 0) sequence.push(other);
      }
    }
    for (let at = sequence.length - 1; at >= 0; at--) {
      const block = sequence[at], next = nexts[block];
      let least = FAR;
      for (let k = 0; k < next.length; k += 2) least = Math.min(least, start[next[k]] - next[k + 1]);
      if (least < FAR) start[block] = Math.max(start[block], least);
    }
    return root.map((block, item) => start[block] + shift[item]);
  }

  // room.py
  function neighbours(grid) {
    const result = grid.rank.map(() => [-1, -1]);
    for (const row of grid.rows) {
      row.forEach((item, k) => (result[item] = [k > 0 ? row[k - 1] : -1, k + 1 < row.length ? row[k + 1] : -1]));
    }
    return result;
  }

  function roomOf(grid, middles, items, beside) {
    let low = -FAR, high = FAR;
    for (const item of items) {
      const [before, after] = beside[item];
      if (before >= 0) {
        const gap = gapOf(grid, before, item);
        low = Math.max(low, middles[before] + grid.right[before] + gap + grid.left[item] - middles[item]);
      }
      if (after >= 0) {
        const gap = gapOf(grid, item, after);
        high = Math.min(high, middles[after] - grid.left[after] - gap - grid.right[item] - middles[item]);
      }
    }
    return [Math.min(low, 0), Math.max(high, 0)];
  }

  function blocks(hanging) {
    const block = hanging.map((_, item) => item), found = new Map();
    for (let start = 0; start < block.length; start++) {
      const stack = block[start] === start ? [start] : [];
      while (stack.length) {
        for (const other of hanging[stack.pop()]) {
          if (other <= start || block[other] !== other) continue;
          block[other] = start;
          stack.push(other);
        }
      }
    }
    block.forEach((first, item) => (found.has(first) ? found.get(first).push(item) : found.set(first, [item])));
    return [...found.values()];
  }

  // centres.py
  function centreBlocks(grid, middles, above, below) {
    const together = blocks(alignedWith(middles, above, below)), beside = neighbours(grid);
    for (let round = 0; round < ROUNDS; round++) {
      for (const items of together) {
        let sum = 0, count = 0;
        for (const item of items) {
          for (const linked of [above[item], below[item]]) {
            if (linked.length < 2) continue;
            let low = FAR, high = -FAR, bent = true;
            for (const [other, shift] of linked) {
              const goal = middles[other] + shift;
              [low, high] = [Math.min(low, goal), Math.max(high, goal)];
              bent = bent && Math.abs(goal - middles[item]) > STRAIGHT;
            }
            if (!bent) continue;
            sum += (low + high) / 2 - middles[item];
            count++;
          }
        }
        if (count === 0 || Math.abs(sum) <= STRAIGHT) continue;
        const [low, high] = roomOf(grid, middles, items, beside);
        if (low <= sum / count && sum / count <= high) for (const item of items) middles[item] += sum / count;
      }
    }
  }

  function alignedWith(middles, above, below) {
    return middles.map((middle, item) => {
      const result = [];
      for (const linked of [above[item], below[item]]) {
        for (const [other, shift] of linked) if (Math.abs(middles[other] + shift - middle) <= STRAIGHT) result.push(other);
      }
      return result;
    });
  }

  // sides.py
  const arriving = (grid, item) => grid.ups[item].filter((edge) => grid.linkOfEdge[edge] !== TRUNK);

  function reserve(grid, item, side, reach) {
    if (side === 1) grid.right[item] = Math.max(grid.right[item], reach);
    else grid.left[item] = Math.max(grid.left[item], reach);
  }

  function chooseSides(grid) {
    const place = placesOf(grid);
    grid.nodes.forEach((node, item) => {
      const edges = arriving(grid, item), nets = new Set(edges.map((edge) => grid.netOfEdge[edge]));
      if (!node.sides || edges.length < 2) return;
      const head = widestHead(grid, edges);
      if (head > 0) for (const side of [-1, 1]) reserve(grid, item, side, node.width / 2 + head + grid.gaps.text);
      if (nets.size < edges.length) return;
      edges.sort((a, b) => place[grid.upper[a]] - place[grid.upper[b]] || startOf(grid, a) - startOf(grid, b));
      const straight = preferredAbove(grid, item), half = edges.length >> 1;
      let beside = edges.length === 2 ? [0, 1] : [half - 1, half + 1];
      if (straight.length === 1) {
        const top = edges.indexOf(straight[0]);
        beside = [top - 1, top + 1];
      }
      beside.forEach((index, k) => {
        if (index < 0 || index >= edges.length) return;
        const link = grid.linkOfEdge[edges[index]], side = 2 * k - 1;
        grid.sides.set(link, side);
        reserve(grid, item, side, nearSide(grid, item) + besideOf(grid, link));
      });
    });
  }

  function widestHead(grid, edges) {
    let head = 0;
    for (const edge of edges) head = Math.max(head, grid.links[grid.linkOfEdge[edge]].head[0]);
    return head;
  }

  function nearSide(grid, item) {
    const head = widestHead(grid, arriving(grid, item));
    return Math.max(grid.widths[item] / 2 + grid.gaps.arrow, head > 0 ? head + 2 * grid.gaps.text : 0);
  }

  function besideOf(grid, link) {
    const head = grid.links[link].head[0];
    return head > 0 ? head + grid.gaps.text : 0;
  }

  function betweenSides(grid, middles, item, low, high) {
    for (const edge of grid.ups[item]) {
      const side = grid.sides.get(grid.linkOfEdge[edge]), clear = nearSide(grid, item) - grid.gaps.text;
      if (side === 1) high = Math.min(high, middles[item] + clear);
      else if (side === -1) low = Math.max(low, middles[item] - clear);
    }
    return [low, high];
  }

  function keepSides(grid, middles, item) {
    const before = grid.sides.size;
    for (const edge of grid.ups[item]) {
      const link = grid.linkOfEdge[edge];
      if (grid.sides.has(link) && awayOf(grid, middles, edge) < grid.widths[item] / 2) grid.sides.delete(link);
    }
    return grid.sides.size === before;
  }

  function sideOffset(grid, middles, edge) {
    const item = grid.lower[edge], side = grid.sides.get(grid.linkOfEdge[edge]);
    return side * Math.min(0, awayOf(grid, middles, edge) - nearSide(grid, item));
  }

  function awayOf(grid, middles, edge) {
    const comes = middles[grid.upper[edge]] + startOf(grid, edge);
    return grid.sides.get(grid.linkOfEdge[edge]) * (comes - middles[grid.lower[edge]]);
  }

  function settleSides(grid, middles, row, index) {
    const item = row[index];
    for (const edge of grid.ups[item]) {
      const link = grid.linkOfEdge[edge];
      if (!grid.sides.has(link)) continue;
      const side = grid.sides.get(link), away = awayOf(grid, middles, edge);
      let free = FAR;
      if (index + side >= 0 && index + side < row.length) {
        const other = row[index + side], reach = side === 1 ? grid.left[other] : grid.right[other];
        free = side * (middles[other] - middles[item]) - reach - grid.gaps.wire - besideOf(grid, link);
      }
      const near = nearSide(grid, item), comes = middles[grid.upper[edge]] + startOf(grid, edge);
      const drop = near - STRAIGHT <= away && away <= free ? comes : middles[item] + side * near;
      grid.drops.set(link, drop);
      grid.headSides[link] = grid.links[link].head[0] > 0 ? side : 0;
      reserve(grid, item, side, side * (drop - middles[item]) + besideOf(grid, link));
    }
  }

  // ports.py
  const isFixed = (node) => node.ins.length > 0 && !node.stretch;
  const linksInto = (grid, edges) => edges.map((edge) => grid.linkOfEdge[edge]);

  function meetNodes(grid) {
    grid.nodes.forEach((node, item) => {
      const links = linksInto(grid, arriving(grid, item));
      let count = 1;
      for (const link of links) count = Math.max(count, grid.links[link].into + 1);
      for (const link of links) {
        const into = grid.links[link].into;
        const spread = grid.widths[item] * ((into + 1) / (count + 1) - 0.5);
        grid.ends[link] = isFixed(node) ? node.ins[into] - node.width / 2 : spread;
      }
    });
    const leaving = zeros(grid.nodes.length);
    for (const net of grid.nets) leaving[net.source] = Math.max(leaving[net.source], net.out + 1);
    for (const net of grid.nets) {
      const node = grid.nodes[net.source], count = leaving[net.source];
      if ((node.stretch || !node.outs.length) && count > 1) {
        net.start = grid.widths[net.source] * ((net.out + 1) / (count + 1) - 0.5);
      }
    }
  }

  function settleEnds(grid) {
    const place = placesOf(grid), text = grid.gaps.text;
    grid.nodes.forEach((node, item) => {
      const edges = arriving(grid, item);
      if (isFixed(node) && node.loose) {
        edges.sort((a, b) => place[grid.upper[a]] - place[grid.upper[b]] || startOf(grid, a) - startOf(grid, b));
        const spots = node.ins.slice().sort(byNumber);
        linksInto(grid, edges).forEach((link, k) => {
          const spot = edges.length <= spots.length ? k : Math.floor(k * spots.length / edges.length);
          grid.ends[link] = spots[spot] - node.width / 2;
        });
      }
      if (isFixed(node) || (edges.length === 1 && !node.stretch)) reserveHeads(grid, item, edges, -FAR, FAR);
      else if (!node.sides) {
        const head = widestHead(grid, edges);
        if (head > 0) reserve(grid, item, 1, grid.widths[item] / 2 - insetOf(grid, item) + head + text);
      }
    });
    for (const net of grid.nets) {
      if (net.label[0] <= 0 || net.labelSide === 0) continue;
      const reach = net.label[0] + text;
      reserve(grid, net.source, net.labelSide, net.labelSide === 1 ? net.start + reach : reach - net.start);
    }
  }

  function reserveHeads(grid, item, edges, low, high) {
    const text = grid.gaps.text, links = linksInto(grid, edges).sort((a, b) => grid.ends[a] - grid.ends[b]);
    let taken = low - text;
    links.forEach((link, k) => {
      const end = grid.ends[link], width = grid.links[link].head[0], reach = width + 2 * text;
      const following = k + 1 === links.length ? high + text : grid.ends[links[k + 1]];
      if (width > 0 && end + reach <= following + ROUNDING) {
        grid.headSides[link] = 1;
        reserve(grid, item, 1, end + text + width);
        taken = end + reach;
      } else {
        if (width > 0 && end - reach >= taken - ROUNDING) {
          grid.headSides[link] = -1;
          reserve(grid, item, -1, text + width - end);
        }
        taken = end;
      }
    });
  }

  function settlePorts(grid, middles) {
    const nets = lists(grid.nodes.length);
    for (const net of grid.nets) nets[net.source].push(net);
    for (const row of grid.rows) {
      row.forEach((item, index) => {
        if (!isNode(grid, item)) return;
        const node = grid.nodes[item];
        const low = limitOf(grid, middles, item, index > 0 ? row[index - 1] : -1, -1);
        const high = limitOf(grid, middles, item, index + 1 < row.length ? row[index + 1] : -1, 1);
        keepSides(grid, middles, item);
        if (node.stretch) stretch(grid, middles, item, nets[item], low, high);
        if (node.stretch || !node.ins.length) settleIns(grid, middles, item, low, high);
        if (node.stretch || !node.outs.length) settleOuts(grid, middles, item, nets[item], high);
      });
    }
  }

  function settleDrops(grid, middles) {
    for (const row of grid.rows) {
      row.forEach((item, index) => {
        if (!isNode(grid, item) || !grid.nodes[item].sides) return;
        if (!keepSides(grid, middles, item)) {
          settleIns(grid, middles, item, middles[item] - grid.left[item], middles[item] + grid.right[item]);
        }
        settleSides(grid, middles, row, index);
      });
    }
  }

  function limitOf(grid, middles, item, neighbour, side) {
    if (neighbour < 0) return side * FAR;
    const reach = side === 1 ? grid.left[neighbour] : grid.right[neighbour];
    const gap = isNode(grid, neighbour) ? grid.gaps.node : grid.gaps.wire / 2;
    const free = middles[neighbour] - side * (reach + gap);
    const own = middles[item] + side * (side === 1 ? grid.right[item] : grid.left[item]);
    return side === 1 ? Math.max(free, own) : Math.min(free, own);
  }

  function stretch(grid, middles, item, nets, low, high) {
    const inset = insetOf(grid, item), half = grid.widths[item] / 2;
    const spots = arriving(grid, item).map((edge) => middles[grid.upper[edge]] + startOf(grid, edge));
    for (const net of nets) spots.push(goalOf(grid, middles, net));
    let left = middles[item] - half, right = middles[item] + half;
    for (const spot of spots) [left, right] = [Math.min(left, spot - inset), Math.max(right, spot + inset)];
    [left, right] = [Math.max(left, low), Math.min(right, high)];
    const middle = (left + right) / 2;
    grid.left[item] = Math.max(grid.left[item] + middle - middles[item], (right - left) / 2);
    grid.right[item] = Math.max(grid.right[item] - middle + middles[item], (right - left) / 2);
    middles[item] = middle;
    grid.widths[item] = right - left;
  }

  const insetOf = (grid, item) => Math.min(grid.gaps.wire / 2, grid.widths[item] / 2);

  function settleIns(grid, middles, item, low, high) {
    const node = grid.nodes[item], middle = middles[item], wants = new Map();
    const edges = arriving(grid, item).filter((edge) => !grid.sides.has(grid.linkOfEdge[edge]));
    for (const edge of edges) wants.set(edge, middles[grid.upper[edge]] + startOf(grid, edge) - middle);
    const into = (edge) => (node.loose || node.sides ? 0 : grid.links[grid.linkOfEdge[edge]].into);
    edges.sort((a, b) => into(a) - into(b) || wants.get(a) - wants.get(b));
    const several = node.stretch || edges.length > 1, links = linksInto(grid, edges);
    if (node.sides) [low, high] = betweenSides(grid, middles, item, low, high);
    const goals = edges.map((edge) => (several ? wants.get(edge) : 0));
    const ends = spreadHeads(grid, item, goals, links.map((link) => grid.links[link].head[0]), high - middle);
    links.forEach((link, k) => (grid.ends[link] = ends[k]));
    if (several || node.sides) reserveHeads(grid, item, edges, low - middle, high - middle);
  }

  function spreadHeads(grid, item, goals, heads, high) {
    const ends = spread(grid, item, goals, heads, high), last = ends.length - 1;
    if (last > 0 && heads[last] > 0 && ends[last] < goals[last]) {
      const nearer = spread(grid, item, goals, [...heads.slice(0, -1), 0], high);
      const text = heads[last] + 2 * grid.gaps.text, before = heads[last - 1];
      if (nearer[last] - text >= nearer[last - 1] + (before > 0 ? before + 2 * grid.gaps.text : 0)) return nearer;
    }
    return ends;
  }

  function settleOuts(grid, middles, item, nets, high) {
    nets = nets.slice().sort((a, b) => a.out - b.out);
    const texts = nets.map((net) => (net.labelSide === 1 ? net.label[0] : 0));
    const several = grid.nodes[item].stretch || nets.length > 1;
    const goals = nets.map((net) => (several ? goalOf(grid, middles, net) - middles[item] : 0));
    spread(grid, item, goals, texts, high - middles[item]).forEach((start, k) => {
      nets[k].start = start;
      if (texts[k] > 0) reserve(grid, item, 1, start + texts[k] + grid.gaps.text);
    });
  }

  function goalOf(grid, middles, net) {
    let edges = grid.downs[net.source].filter((edge) => grid.nets[grid.netOfEdge[edge]] === net);
    edges = anyOf(edges, (edge) => !isWeak(grid, edge));
    let low = FAR, high = -FAR;
    for (const edge of edges) {
      const lower = grid.lower[edge], bar = isNode(grid, lower) && grid.nodes[lower].stretch;
      const end = isNode(grid, lower) && isFixed(grid.nodes[lower]) ? endOf(grid, edge) : 0;
      const spot = bar ? middles[net.source] : middles[lower] + end;
      [low, high] = [Math.min(low, spot), Math.max(high, spot)];
    }
    return (low + high) / 2;
  }

  function spread(grid, item, wants, texts, limit) {
    const text = grid.gaps.text, half = grid.widths[item] / 2 - insetOf(grid, item);
    const room = texts.map((width) => roomFor(grid, width));
    const bounds = texts.map((width) => (width <= 0 ? half : Math.min(half, limit - width - text)));
    const offsets = [0], groups = [];
    for (const distance of room.slice(0, -1)) offsets.push(offsets[offsets.length - 1] + distance);
    wants.forEach((want, k) => {
      let sum = Math.min(Math.max(want, -half), half) - offsets[k], count = 1;
      while (groups.length && groups[groups.length - 1][0] / groups[groups.length - 1][1] >= sum / count) {
        const [earlier, many] = groups.pop();
        [sum, count] = [sum + earlier, count + many];
      }
      groups.push([sum, count]);
    });
    let places = [];
    for (const [sum, count] of groups) for (let k = 0; k < count; k++) places.push(sum / count);
    places = places.map((place, k) => place + offsets[k]);
    let ceiling = FAR, floor = -half;
    for (let k = places.length - 1; k >= 0; k--) {
      places[k] = Math.min(places[k], bounds[k], ceiling);
      ceiling = places[k] - (k > 0 ? room[k - 1] : 0);
    }
    for (let k = 0; k < places.length; k++) {
      places[k] = Math.max(places[k], floor);
      floor = places[k] + room[k];
    }
    if (places.every((place, k) => place <= bounds[k] + ROUNDING)) return places;
    return wants.map((_, k) => grid.widths[item] * ((k + 1) / (wants.length + 1) - 0.5));
  }

  // jogs.py
  function removeJogs(grid, middles) {
    const beside = neighbours(grid);
    for (const items of blocks(straightWith(grid, middles))) {
      const leading = leadingOf(grid, middles, items);
      const moves = leading.filter((move) => STRAIGHT < Math.abs(move) && Math.abs(move) <= grid.gaps.wire);
      if (!moves.length) continue;
      const [low, high] = roomOf(grid, middles, items, beside);
      const straightAfter = (move) => leading.filter((other) => Math.abs(other - move) <= STRAIGHT).length;
      let best = 0, most = straightAfter(0);
      for (const move of moves.sort((a, b) => Math.abs(a) - Math.abs(b)).slice(0, TRIES)) {
        const count = straightAfter(move);
        if (low <= move && move <= high && count > most) [best, most] = [move, count];
      }
      for (const item of items) middles[item] += best;
    }
  }

  function straightWith(grid, middles) {
    const result = lists(grid.rank.length);
    for (let edge = 0; edge < grid.upper.length; edge++) {
      if (grid.sides.has(grid.linkOfEdge[edge]) || Math.abs(offsetOf(grid, middles, edge)) > STRAIGHT) continue;
      result[grid.upper[edge]].push(grid.lower[edge]);
      result[grid.lower[edge]].push(grid.upper[edge]);
    }
    return result;
  }

  function leadingOf(grid, middles, items) {
    const result = [], inside = new Set(items);
    for (const item of items) {
      for (const [sign, edges, others] of [[1, grid.ups[item], grid.upper], [-1, grid.downs[item], grid.lower]]) {
        for (const edge of edges) {
          if (inside.has(others[edge])) continue;
          const move = sign * offsetOf(grid, middles, edge);
          if (move !== 0 || !grid.sides.has(grid.linkOfEdge[edge])) result.push(move);
        }
      }
    }
    return result;
  }

  function offsetOf(grid, middles, edge) {
    if (grid.sides.has(grid.linkOfEdge[edge])) return sideOffset(grid, middles, edge);
    const begins = middles[grid.upper[edge]] + startOf(grid, edge);
    return begins - middles[grid.lower[edge]] - endOf(grid, edge);
  }

  // channels.py
  function crossbar(net, upper, lowers) {
    const low = Math.min(upper, ...lowers), high = Math.max(upper, ...lowers);
    return { net, upper, lowers, low, high, track: 0, after: null };
  }

  function assignTracks(bars, fixed, gap) {
    if (!bars.length) return 0;
    const near = gap / 2;
    breakRounds(bars, fixed, near);
    const [later, waiting] = demands(bars, near), sequence = sequenceOf(bars, later, waiting);
    let count = 0;
    sequence.forEach((index, k) => {
      const bar = bars[index];
      let track = bar.track;
      for (let before = 0; before < k; before++) {
        const other = bars[sequence[before]];
        if (other.track >= track && other.low - near < bar.high && bar.low < other.high + near) track = other.track + 1;
      }
      bar.track = track;
      for (const other of later[index]) bars[other].track = Math.max(bars[other].track, track + 1);
      count = Math.max(count, track + 1);
    });
    return count;
  }

  function demands(bars, near) {
    const later = lists(bars.length), waiting = zeros(bars.length), arrivals = [], indexOf = new Map();
    bars.forEach((bar, index) => {
      indexOf.set(bar, index);
      for (const lower of bar.lowers) arrivals.push([lower, index]);
    });
    arrivals.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const places = arrivals.map(([place]) => place);
    bars.forEach((bar, index) => {
      const found = later[index];
      for (let k = countUpTo(places, bar.upper - near, true); k < places.length && places[k] <= bar.upper + near; k++) {
        const other = arrivals[k][1];
        if (bars[other].net !== bar.net && !found.includes(other)) found.push(other);
      }
      if (bar.after) found.push(indexOf.get(bar.after));
      for (const other of found) waiting[other]++;
    });
    return [later, waiting];
  }

  function breakRounds(bars, fixed, near) {
    for (;;) {
      const [later, waiting] = demands(bars, near), sequence = [];
      bars.forEach((_, index) => waiting[index] === 0 && sequence.push(index));
      for (const index of sequence) for (const other of later[index]) if (--waiting[other] === 0) sequence.push(other);
      if (sequence.length === bars.length) return;
      const stuck = bars.map((_, index) => index).filter((index) => waiting[index] > 0 && !bars[index].after);
      const turning = stuck.filter((index) => later[index].some((other) => waiting[other] > 0));
      const bar = bars[turning.length ? turning[0] : stuck[0]];
      const between = freePlace(bars, fixed, near, (bar.low + bar.high) / 2);
      const rest = crossbar(bar.net, between, bar.lowers);
      bar.lowers = [between];
      [bar.low, bar.high] = [Math.min(bar.upper, between), Math.max(bar.upper, between)];
      bar.after = rest;
      bars.push(rest);
    }
  }

  function freePlace(bars, fixed, near, wanted) {
    const taken = fixed.slice(), step = 2 * near;
    for (const bar of bars) taken.push(bar.upper, ...bar.lowers);
    taken.sort(byNumber);
    let best = taken[taken.length - 1] + step;
    if (Math.abs(taken[0] - step - wanted) < Math.abs(best - wanted)) best = taken[0] - step;
    for (let k = 0; k + 1 < taken.length; k++) {
      const a = taken[k], b = taken[k + 1];
      if (b - a < 2 * step) continue;
      const place = Math.min(Math.max(wanted, a + step), b - step);
      if (Math.abs(place - wanted) < Math.abs(best - wanted)) best = place;
    }
    return best;
  }

  function sequenceOf(bars, later, waiting) {
    const size = bars.length, ready = [], result = [];
    let cost = null, scores = zeros(size);
    if (size <= MANY) {
      cost = bars.map((a) => bars.map((b) => crossingsOf(a, b) - crossingsOf(b, a)));
      scores = cost.map((row) => row.reduce((a, b) => a + b, 0));
    }
    for (let index = 0; index < size; index++) if (waiting[index] === 0) ready.push(index);
    while (ready.length) {
      let at = 0;
      for (let k = 1; k < ready.length; k++) {
        const a = ready[k], b = ready[at];
        if (scores[a] < scores[b] || (scores[a] === scores[b] && a < b)) at = k;
      }
      const best = ready.splice(at, 1)[0];
      result.push(best);
      if (cost) for (let other = 0; other < size; other++) scores[other] -= cost[other][best];
      for (const other of later[best]) if (--waiting[other] === 0) ready.push(other);
    }
    return result;
  }

  function crossingsOf(above, below) {
    let count = above.low < below.upper && below.upper < above.high ? 1 : 0;
    for (const lower of above.lowers) if (below.low < lower && lower < below.high) count++;
    return count;
  }

  // wires.py
  function drawWires(grid, middles) {
    const channels = grid.rows.map((_, rank) => channelOf(grid, middles, rank));
    const spans = grid.rows.map((row) => row.reduce((span, item) => Math.max(span, grid.height[item]), 0));
    const tops = [];
    let height = 0;
    channels.forEach((channel, rank) => {
      tops.push(height);
      height = height + spans[rank] + channel.height;
    });
    const corners = grid.nodes.map((node, k) => {
      return [middles[k] - grid.widths[k] / 2, tops[grid.rank[k]] + (spans[grid.rank[k]] - node.height) / 2];
    });
    const bottoms = tops.map((top, rank) => top + spans[rank]), wires = lists(grid.links.length);
    grid.nets.forEach((net, index) => drawNet(grid, middles, index, net, channels, bottoms, corners, wires));
    const labels = grid.links.map((_, link) => labelOf(grid, middles, link, tops, spans));
    const heads = grid.links.map((_, link) => headOf(grid, middles, link, tops));
    const [low, high] = reachOf(grid, corners, wires, labels, heads);
    for (const spots of [corners, labels, heads, ...wires]) for (const spot of spots) if (spot) spot[0] -= low;
    return { width: high - low, height, corners, widths: grid.widths, wires, labels, heads };
  }

  function channelOf(grid, middles, rank) {
    const { wire, text, arrow, row } = grid.gaps, first = new Map(), bars = [], fixed = [];
    let labels = 0, heads = 0, height = 0;
    for (const item of grid.rows[rank]) {
      for (const edge of grid.downs[item]) {
        const index = grid.netOfEdge[edge], link = grid.linkOfEdge[edge], net = grid.nets[index];
        const upper = middles[item] + startOf(grid, edge);
        const lower = grid.drops.has(link) ? grid.drops.get(link) : middles[grid.lower[edge]] + endOf(grid, edge);
        const bar = first.get(index);
        if (bar) {
          bar.lowers.push(lower);
          [bar.low, bar.high] = [Math.min(bar.low, lower), Math.max(bar.high, lower)];
        } else first.set(index, crossbar(index, upper, [lower]));
        if (item === net.source && net.labelSide !== 0 && net.label[0] > 0) labels = Math.max(labels, net.label[1] + text);
        if (link !== TRUNK && grid.headSides[link] !== 0) heads = Math.max(heads, grid.links[link].head[1] + text);
      }
    }
    for (const [index, bar] of first) {
      if (bar.high - bar.low > STRAIGHT) {
        bars.push(bar);
        continue;
      }
      fixed.push(bar.upper);
      first.delete(index);
    }
    const tracks = assignTracks(bars, fixed, wire), after = Math.max(heads, arrow);
    const beforeTracks = Math.max(labels, 0.75 * wire);
    if (rank + 1 < grid.rows.length) {
      height = Math.max(row, tracks > 0 ? beforeTracks + (tracks - 1) * wire + after : labels + heads);
    }
    return { first, height, beforeTracks };
  }

  function drawNet(grid, middles, index, net, channels, bottoms, corners, wires) {
    const source = net.source;
    for (const link of net.links) {
      const target = grid.links[link].target, top = corners[target][1], drops = grid.drops.has(link);
      let x = middles[source] + net.start;
      const wire = [[x, corners[source][1] + grid.nodes[source].height]];
      for (let rank = grid.rank[source]; rank < grid.rank[target]; rank++) {
        let goal;
        if (rank + 1 < grid.rank[target]) goal = middles[itemOf(grid, net, rank + 1)];
        else goal = drops ? grid.drops.get(link) : middles[target] + grid.ends[link];
        for (let part = channels[rank].first.get(index); part; part = part.after) {
          const y = bottoms[rank] + channels[rank].beforeTracks + part.track * grid.gaps.wire;
          const turn = part.after ? part.lowers[0] : goal;
          if (Math.abs(turn - x) > STRAIGHT) {
            wire.push([x, y], [turn, y]);
            x = turn;
          }
        }
        x = goal;
      }
      if (drops) {
        const middle = top + grid.nodes[target].height / 2;
        wire.push([x, middle], [middles[target] + grid.sides.get(link) * grid.widths[target] / 2, middle]);
      } else wire.push([x, top]);
      wires[link] = wire;
    }
  }

  function labelOf(grid, middles, link, tops, spans) {
    const net = grid.nets[grid.netOfLink[link]], width = grid.links[link].label[0], text = grid.gaps.text;
    const rank = grid.rank[net.source];
    if (width <= 0) return null;
    if (net.labelSide === 0) return [middles[net.firstLane] + text + width / 2, tops[rank + 1] + spans[rank + 1] / 2];
    const x = middles[net.source] + net.start + net.labelSide * (text + width / 2);
    return [x, tops[rank] + spans[rank] + text / 2 + net.label[1] / 2];
  }

  function headOf(grid, middles, link, tops) {
    const [width, height] = grid.links[link].head, target = grid.links[link].target, side = grid.headSides[link];
    if (side === 0) return null;
    const arrives = grid.drops.has(link) ? grid.drops.get(link) : middles[target] + grid.ends[link];
    const x = arrives + side * (grid.gaps.text + width / 2);
    return [x, tops[grid.rank[target]] - grid.gaps.text / 2 - height / 2];
  }

  function reachOf(grid, corners, wires, labels, heads) {
    let low = FAR, high = -FAR;
    const take = (from, to) => ([low, high] = [Math.min(low, from), Math.max(high, to)]);
    for (const wire of wires) for (const [x] of wire) take(x, x);
    corners.forEach(([x], k) => take(x, x + grid.widths[k]));
    grid.links.forEach((link, k) => {
      if (labels[k]) take(labels[k][0] - link.label[0] / 2, labels[k][0] + link.label[0] / 2);
      if (heads[k]) take(heads[k][0] - link.head[0] / 2, heads[k][0] + link.head[0] / 2);
    });
    return low <= high ? [low, high] : [0, 0];
  }

  // layered.py and the defaults of model.py
  return (nodes, links, gaps) => {
    const none = [], nothing = [0, 0];
    const grid = makeGrid(
      nodes.map(({ width, height, ins = none, outs = none, loose = false, stretch = false, sides = false }) => {
        return { width, height, ins, outs, loose, stretch, sides };
      }),
      links.map(({ source, target, out = 0, into = 0, label = nothing, head = nothing }) => {
        return { source, target, out, into, label, head };
      }),
      { node: 14, row: 16, wire: 8, text: 3, arrow: 12, ...gaps },
    );
    meetNodes(grid);
    orderRows(grid);
    settleEnds(grid);
    chooseSides(grid);
    const [above, below] = alignments(grid), middles = placeColumns(grid, above, below);
    centreBlocks(grid, middles, above, below);
    settlePorts(grid, middles);
    removeJogs(grid, middles);
    settleDrops(grid, middles);
    return drawWires(grid, middles);
  };
})();
