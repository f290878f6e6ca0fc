// Holds which boxes are open. A state is one body with the states of its open boxes; equal states are one object, so
// that what is laid out for one stands for all places that look the same, and a step makes anew only what it changes.

class States {
  constructor(net) {
    this.net = net;
    this.known = new Map();
    this.memory = new Map();
  }

  of(body, kids) {
    const sorted = [...kids].sort((a, b) => a[0] - b[0]);
    const key = body + ":" + sorted.map(([box, state]) => box + "." + state.id).join();
    let found = this.known.get(key);
    if (!found) {
      found = { id: this.known.size, body, kids: new Map(sorted) };
      this.known.set(key, found);
    }
    return found;
  }

  remembered(what, state, make) {
    const key = what + state.id;
    if (!this.memory.has(key)) this.memory.set(key, make());
    return this.memory.get(key);
  }

  closed(body = this.net.root) {
    return this.of(body, []);
  }

  all(body = this.net.root) {
    return this.remembered("all", { id: body }, () => this.of(body, this.openable(body).map((i) => [i, this.all(this.net.bodies[body].boxes[i].open)])));
  }

  openable(body) {
    return this.net.bodies[body].boxes.flatMap((box, i) => (box.open < 0 ? [] : [i]));
  }

  at(state, place) {
    for (const box of place) state = state && state.kids.get(box);
    return state;
  }

  // `state` with what is at `place` set to the state that `change` gives for what was there; undefined is closed.
  set(state, place, change) {
    if (!place.length) return change(state) || this.closed(state.body);
    const [box, ...rest] = place;
    const inner = state.kids.get(box);
    const opens = this.net.bodies[state.body].boxes[box].open;
    const made = rest.length ? this.set(inner || this.closed(opens), rest, change) : change(inner, opens);
    const kids = new Map(state.kids);
    if (made) kids.set(box, made); else kids.delete(box);
    return this.of(state.body, kids);
  }

  toggle(state, place) {
    return this.set(state, place, (inner, opens) => (inner ? undefined : this.closed(opens)));
  }

  toggleAll(state, place) {
    return this.set(state, place, (inner, opens) => (inner === this.all(opens) ? undefined : this.all(opens)));
  }

  reveal(state, place) {
    for (let i = 1; i < place.length; i++) {
      state = this.set(state, place.slice(0, i), (inner, opens) => inner || this.closed(opens));
    }
    return state;
  }

  // One level more open, everywhere; one level less.
  deeper(state) {
    return this.remembered("deeper", state, () => this.of(state.body, this.openable(state.body).map((i) => {
      const inner = state.kids.get(i);
      return [i, inner ? this.deeper(inner) : this.closed(this.net.bodies[state.body].boxes[i].open)];
    })));
  }

  shallower(state) {
    return this.remembered("shallower", state, () => this.of(state.body, [...state.kids].flatMap(([i, inner]) => (inner.kids.size ? [[i, this.shallower(inner)]] : []))));
  }

  boxes(state) {
    return this.remembered("boxes", state, () => {
      const kids = [...state.kids.values()].reduce((sum, inner) => sum + this.boxes(inner), 0);
      return this.net.bodies[state.body].boxes.length + kids;
    });
  }

  // As text for the address: "3,5(0,1)" opens 3 and 5, and in 5 its 0 and 1; "*" stands for all below.
  write(state) {
    if (state.kids.size && state === this.all(state.body)) return "*";
    return [...state.kids].map(([box, inner]) => {
      const inside = this.write(inner);
      return box + (inside === "*" ? "*" : inside ? `(${inside})` : "");
    }).join();
  }

  read(text, body = this.net.root) {
    let at = 0;
    const parse = (index) => {
      if (text[at] === "*") { at++; return this.all(index); }
      const kids = [];
      while (at < text.length && /[0-9]/.test(text[at])) {
        const digits = /^[0-9]+/.exec(text.slice(at, at + 9))[0];
        at += digits.length;
        const box = this.net.bodies[index].boxes[Number(digits)];
        const opens = box ? box.open : -1;
        let inner = opens < 0 ? null : this.closed(opens);
        if (text[at] === "*") { at++; inner = opens < 0 ? null : this.all(opens); }
        else if (text[at] === "(") { at++; inner = parse(opens < 0 ? index : opens); if (text[at] === ")") at++; }
        if (opens >= 0 && inner) kids.push([Number(digits), inner]);
        if (text[at] === ",") at++; else break;
      }
      return this.of(index, kids);
    };
    return parse(body);
  }
}
