
/** Who talks to whom: ends by namespace; one click says whom an end reaches, a second why, or why not. */

const MOST_LINKS = 400;
const MOST_UNASKED = 150;
const MOST_LISTED = 15;
const MANY = 60;
const MOST_STACKED = 8;
const ACTIONS = { allow: "admits", deny: "denies", pass: "passes on" };

/** The picture is made when it comes near, since most readers look at the list first. */
function startPicture() {
  const section = document.getElementById("picture");
  if (!section) return;
  const begin = () => {
    watcher.disconnect();
    data("pictures").forEach((found, index, all) => new Picture(section, found, all.length > 1));
  };
  const watcher = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && begin(),
    { rootMargin: "600px" });
  watcher.observe(section);
}

class Picture {
  constructor(section, found, titled) {
    Object.assign(this, { found, from: null, to: null, nodes: [] });
    this.sets = found.sets.map((text) => [...text].reverse().map((digit) => parseInt(digit, 16)));
    this.frames = make("div", { class: "frames" });
    this.why = make("div", { class: "why", "aria-live": "polite" });
    this.choosers = { from: this.chooser("from"), to: this.chooser("to") };
    const search = make("input", { type: "search", placeholder: "namespace or workload" });
    search.addEventListener("input", () => this.narrow());
    const linked = make("input", { type: "checkbox" });
    linked.checked = found.ends.length > MANY;
    linked.addEventListener("change", () => this.narrow());
    Object.assign(this, { search, linked });
    section.append(
      ...(titled ? [make("h3", {}, found.title)] : []),
      ...this.notes(),
      make("div", { class: "choice" }, make("label", {}, "From ", this.choosers.from), make("label", {}, "to ", this.choosers.to),
        button("swap", () => this.choose(this.to, this.from)), button("clear", () => this.choose(null, null)),
        make("label", {}, "Find ", search), make("label", {}, linked, " only whom the chosen one talks to")),
      make("div", { class: "map" }, this.frames, this.why));
    this.place();
    this.choose(null, null);
    new ResizeObserver(() => this.draw()).observe(this.frames);
  }

  notes() {
    const { leftOut, inHost, ends } = this.found;
    const texts = [];
    if (ends.length === 0) texts.push("The manifests declare no workload that policies govern.");
    if (leftOut > 0) texts.push(`${leftOut} more groups of workloads are left out of the picture.`);
    if (inHost.length > 0) texts.push(`In the host's network, where policies do not govern them: ${inHost.join(", ")}.`);
    return texts.map((text) => make("p", { class: "quiet" }, text));
  }

  /** The ends by namespace, those outside first. */
  spaces() {
    const spaces = new Map();
    this.found.ends.forEach((end, index) => {
      if (!spaces.has(end.namespace)) spaces.set(end.namespace, []);
      spaces.get(end.namespace).push(index);
    });
    return spaces;
  }

  name(index) {
    const end = this.found.ends[index];
    return end.namespace !== null && end.title.startsWith(`${end.namespace}/`)
      ? end.title.slice(end.namespace.length + 1) : end.title;
  }

  chooser(role) {
    const made = make("select", {}, make("option", { value: "" }, "choose …"));
    for (const [space, ends] of this.spaces()) {
      made.append(make("optgroup", { label: space ?? "outside the cluster" },
        ends.map((index) => make("option", { value: String(index) }, this.found.ends[index].title))));
    }
    made.addEventListener("change", () => {
      const chosen = made.value === "" ? null : Number(made.value);
      this.choose(role === "from" ? chosen : this.from, role === "to" ? chosen : this.to);
    });
    return made;
  }

  place() {
    for (const [space, ends] of this.spaces()) {
      const nodes = ends.map((index) => {
        const end = this.found.ends[index];
        const more = end.labels || (end.namespace === null && end.members.length > 1 ? `${end.members.length} ranges` : "");
        const node = button(this.name(index), () => this.click(index),
          { class: "node", title: end.members.slice(0, 20).join("\n"), "aria-pressed": "false" });
        if (more) node.append(make("small", {}, more));
        this.nodes[index] = node;
        return node;
      });
      this.frames.append(make("section", { class: `frame${space === null ? " outside" : ""}${ends.length > MOST_STACKED ? " wide" : ""}` },
        make("h3", {}, space ?? "outside the cluster"), make("div", { class: "nodes" }, nodes)));
    }
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.svg.setAttribute("aria-hidden", "true");
    this.frames.append(this.svg);
  }

  /** Shows the ends that fit what is typed, and, if that is wanted, only those that the chosen one talks to. */
  narrow() {
    const typed = this.search.value.toLowerCase();
    const chosen = this.from ?? this.to;
    const linked = chosen === null || !this.linked.checked ? null
      : new Set([this.from, this.to, ...this.reachedBy(chosen), ...this.reaching(chosen)]);
    this.nodes.forEach((node, index) => {
      const text = `${this.found.ends[index].namespace ?? "outside the cluster"} ${node.textContent} ${node.title}`;
      node.hidden = !text.toLowerCase().includes(typed) || (linked !== null && !linked.has(index));
    });
    for (const frame of this.frames.querySelectorAll(".frame")) frame.hidden = !frame.querySelector(".node:not([hidden])");
    this.draw();
  }

  /** The first click is the source, later ones choose the destination; the source again starts over. */
  click(index) {
    if (this.from === null) this.choose(index, null);
    else if (index === this.from && this.to === null) this.choose(null, null);
    else this.choose(this.from, index);
  }

  choose(from, to) {
    Object.assign(this, { from, to });
    this.choosers.from.value = from === null ? "" : String(from);
    this.choosers.to.value = to === null ? "" : String(to);
    const reached = from === null || to !== null ? [] : this.reachedBy(from);
    const reaching = from === null || to !== null ? [] : this.reaching(from);
    this.frames.classList.toggle("dimmed", from !== null || to !== null);
    this.nodes.forEach((node, index) => {
      const roles = [index === from && "from", index === to && "to"].filter(Boolean);
      node.classList.toggle("from", index === from);
      node.classList.toggle("to", index === to);
      node.classList.toggle("reached", reached.includes(index));
      node.classList.toggle("reaching", reaching.includes(index));
      node.setAttribute("aria-pressed", String(roles.length > 0));
      if (roles.length > 0) node.dataset.role = roles.join(" and ");
      else delete node.dataset.role;
    });
    this.narrow();
    for (const index of [from, to]) if (index !== null) this.nodes[index].scrollIntoView({ block: "nearest" });
    this.tell(reached, reaching);
  }

  has(set, end) {
    return (((this.sets[set][end >> 2] ?? 0) >> (end & 3)) & 1) === 1;
  }

  /** What is known of a pair: ports with what they depend on. */
  answer(from, to) {
    const row = this.found.reached[from].find(([, set]) => this.has(set, to));
    return row ? this.found.maps[row[0]] : [];
  }

  reachedBy(from) {
    return this.found.ends.map((_, index) => index).filter((index) => this.answer(from, index).length > 0);
  }

  reaching(to) {
    return this.found.ends.map((_, index) => index).filter((index) => this.answer(index, to).length > 0);
  }

  /** The links to draw: of the chosen end or pair, or all if they are few. */
  links() {
    const { from, to } = this;
    if (from !== null && to !== null) return [[from, to, this.kind(from, to, "chosen")]];
    const chosen = from ?? to;
    if (chosen !== null) {
      return [...this.reachedBy(chosen).map((index) => [chosen, index, this.kind(chosen, index, "out")]),
        ...this.reaching(chosen).map((index) => [index, chosen, this.kind(index, chosen, "in")])].slice(0, MOST_LINKS);
    }
    const all = [];
    for (let index = 0; index < this.found.ends.length && all.length <= MOST_UNASKED; index += 1) {
      all.push(...this.reachedBy(index).map((other) => [index, other, this.kind(index, other, "")]));
    }
    return all.length > MOST_UNASKED ? [] : all;
  }

  kind(from, to, name) {
    const found = this.answer(from, to);
    if (found.length === 0) return "refused";
    return found.every(([, depends]) => depends.length > 0) ? `${name} maybe` : name;
  }

  draw() {
    this.svg.replaceChildren();
    this.svg.setAttribute("width", "0");
    this.svg.setAttribute("height", "0");
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight } = this.frames;
    const origin = this.frames.getBoundingClientRect();
    const box = (index) => {
      const found = this.nodes[index].getBoundingClientRect();
      const [x, y] = [scrollLeft - origin.left, scrollTop - origin.top];
      return { left: found.left + x, right: found.right + x, top: found.top + y, bottom: found.bottom + y };
    };
    const shapes = [];
    for (const [from, to, kind] of this.links()) {
      if (this.nodes[from].hidden || this.nodes[to].hidden || from === to) continue;
      shapes.push(...curve(box(from), box(to), kind));
    }
    this.svg.setAttribute("width", String(scrollWidth));
    this.svg.setAttribute("height", String(scrollHeight));
    this.svg.append(...shapes);
  }

  tell(reached, reaching) {
    const { from, to } = this;
    if (from !== null && to !== null) this.why.replaceChildren(...this.pair(from, to));
    else if (from === null && to === null) {
      this.why.replaceChildren(make("h3", {}, "Choose a pair"),
        make("p", {}, "Click a workload to see whom it reaches, then another to see why, or why not. The two lists above do the same from the keyboard."),
        make("p", { class: "quiet" }, "Workloads that reach the same and are reached by the same are one box. Pods that nobody declared are not here: the properties speak of them."));
    } else if (from !== null) {
      this.why.replaceChildren(make("h3", {}, this.found.ends[from].title), this.members(from),
        ...this.neighbours("Reaches", "out", reached, (index) => this.choose(from, index)),
        ...this.neighbours("Is reached by", "in", reaching, (index) => this.choose(index, from)));
    } else this.why.replaceChildren(make("p", {}, "Choose where the connection comes from."));
  }

  members(index) {
    const { members } = this.found.ends[index];
    if (members.length === 1) return "";
    return gradually(make("ul"), members, MOST_LISTED, (text) => make("li", {}, text), "members");
  }

  neighbours(title, kind, ends, act) {
    const list = make("ul");
    gradually(list, ends, MOST_LISTED,
      (index) => make("li", {}, button(this.found.ends[index].title, () => act(index), { class: "place" })), "ends");
    return [make("h4", {}, make("span", { class: `key ${kind}`, "aria-hidden": "true" }), `${title} ${ends.length}`), list];
  }

  pair(from, to) {
    const { ends } = this.found;
    const title = make("h3", {}, `${ends[from].title} → ${ends[to].title}`);
    if (ends[from].namespace === null && ends[to].namespace === null) {
      return [title, make("p", {}, "Neither end is a pod: no policy governs this.")];
    }
    if (from === to && ends[from].members.length === 1 && ends[from].members[0].endsWith("[Pod]")) {
      return [title, make("p", {}, "One pod: what it sends to itself is no policy's business.")];
    }
    const several = [from, to].some((index) => ends[index].members.length > 1 && ends[index].namespace !== null);
    const egress = this.reasons("egress", from, to);
    const ingress = this.reasons("ingress", to, from);
    const found = this.answer(from, to);
    const answers = found.map(([ports, depends]) => depends.length > 0
      ? make("p", { class: "answer maybe" }, `undetermined: ${ports}; depends on ${this.depends(depends, from, to)}`)
      : make("p", { class: "answer allowed" }, `allowed: ${ports}`));
    if (found.length === 0) answers.push(make("p", { class: "answer refused" }, this.refusal(egress, ingress)));
    return [title, ...(from === to ? [make("p", { class: "quiet" }, "Between two different pods of these.")] : []),
      ...answers, ...egress.shown, ...ingress.shown,
      ...(several ? [make("p", { class: "quiet" }, "A box of several workloads is explained by its first.")] : [])];
  }

  refusal(egress, ingress) {
    const closed = [[egress, "egress"], [ingress, "ingress"]].filter(([side]) => side.closed);
    if (closed.length > 0) return `blocked by ${closed.map(([, name]) => name).join(" and by ")}`;
    return "blocked: no port is open at both ends";
  }

  depends(depends, from, to) {
    const { ends } = this.found;
    return depends.map(([text, role, ofNamespace]) => {
      if (!role) return text;
      const end = ends[role === "source" ? from : to];
      return text + (ofNamespace ? end.namespace : end.title);
    }).join("; ");
  }

  /** What one end's policies say of the other: those that select it, with the rules whose peers fit. */
  reasons(direction, subject, other) {
    const { ends, policies, unmodelled } = this.found;
    const title = make("h4", {}, `${direction[0].toUpperCase()}${direction.slice(1)} of ${ends[subject].title}`);
    if (ends[subject].namespace === null) {
      return { closed: false, shown: [title, make("p", {}, "open: policies govern pods, not addresses")] };
    }
    const selecting = policies.filter((each) => each.direction === direction && this.has(each.subjects[1], subject))
      .map((policy) => ({ policy, rules: policy.rules.filter((rule) => this.has(rule.peers[1], other)) }))
      .filter((each) => each.policy.tier === null || each.rules.length > 0);
    const matching = selecting.filter((each) => each.rules.length > 0);
    const networkPolicies = selecting.filter((each) => each.policy.tier === null);
    const closed = networkPolicies.length > 0 && matching.every((each) => each.policy.tier === "Baseline");
    const deciding = unmodelled.filter(([, directions, set]) => directions.includes(direction) && this.has(set, subject));
    const shown = [title, ...deciding.map(([name]) => make("p", {}, `${name} is not modelled: it may decide either way`))];
    if (selecting.length === 0) {
      const clusterWide = policies.some((each) => each.tier !== null && this.has(each.subjects[1], subject));
      shown.push(make("p", {}, clusterWide ? "open: no policy has anything to say of this"
        : "open: no policy selects it, so everything is allowed"));
    } else if (closed) {
      const number = networkPolicies.length;
      const rules = networkPolicies.reduce((sum, each) => sum + each.policy.rules.length, 0);
      const none = rules === 0 ? "without a rule" : `none of their ${rules} rules is for the other end`;
      shown.push(make("p", {}, `closed: ${number === 1 ? "one policy selects it" : `${number} policies select it`}, ${none}`));
    }
    const hidden = networkPolicies.some((each) => this.has(each.policy.subjects[0], subject))
      && matching.some((each) => each.policy.tier === "Baseline");
    if (hidden) shown.push(make("p", {}, "a NetworkPolicy selects it, so the Baseline tier is not asked"));
    const listed = [...matching.filter((each) => !hidden || each.policy.tier !== "Baseline"),
      ...selecting.filter((each) => each.rules.length === 0)];
    shown.push(gradually(make("ul"), listed, MOST_LISTED, (each) => this.policy(each, subject, other), "policies"));
    return { closed, shown };
  }

  policy({ policy, rules }, subject, other) {
    const surely = this.has(policy.subjects[0], subject);
    const number = policy.priority === null ? "" : `, priority ${policy.priority}`;
    const tier = policy.tier === null ? "" : ` of the ${policy.tier} tier${number},`;
    const made = make("li", {}, make("b", {}, policy.name), `${tier} ${surely ? "selects" : "may select"} ${policy.selects} `,
      this.textButton(policy.place, policy.text, rules));
    if (rules.length === 0) {
      made.append(make("small", { class: "quiet" }, policy.rules.length > 0 ? " no rule for the other end" : " no rule at all"));
      return made;
    }
    made.append(make("ul", {}, rules.map((rule) => {
      const maybe = this.has(rule.peers[0], other) ? "" : " (in part, or under some reading)";
      return make("li", {}, make("code", {}, rule.name), ` ${ACTIONS[rule.action]} ${rule.admits}${maybe}`);
    })));
    return made;
  }

  /** A place that shows the policy's text below itself. */
  textButton(place, number, rules) {
    if (number === null) return make("span", { class: "place" }, breakable(place));
    return button(breakable(place), (pressed) => {
      const item = pressed.closest("li");
      const open = item.querySelector(":scope > .text");
      if (open) return open.remove();
      const marks = rules.filter((rule) => rule.lines)
        .map((rule) => ({ note: ACTIONS[rule.action], first: rule.lines[1], last: rule.lines[2] }));
      return item.append(manifest({ number, marks }));
    }, { class: "place" });
  }
}
