
/** A curve between facing sides of two boxes, with its head. */
function curve(one, other, kind) {
  const middle = (box) => [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const [[x, y], [u, v]] = [middle(one), middle(other)];
  const beside = other.left > one.right || other.right < one.left;
  const below = other.top > one.bottom || other.bottom < one.top;
  let start, stop, out, into;
  if (beside && !(below && Math.abs(v - y) > 2 * Math.abs(u - x))) {
    const right = u > x;
    [start, stop] = [[right ? one.right : one.left, y], [right ? other.left : other.right, v]];
    out = into = [right ? 1 : -1, 0];
  } else if (below && !(one.left === other.left && one.right === other.right)) {
    const down = v > y;
    [start, stop] = [[x, down ? one.bottom : one.top], [u, down ? other.top : other.bottom]];
    out = into = [0, down ? 1 : -1];
  } else {
    [start, stop, out, into] = [[one.right, y], [other.right, v], [1, 0], [-1, 0]];
  }
  const bend = Math.max(24, Math.hypot(stop[0] - start[0], stop[1] - start[1]) / 3);
  const tip = stop.map((at, axis) => at - into[axis] * 7);
  const along = (at, way, far) => at.map((value, axis) => value + way[axis] * far).join(" ");
  const [ix, iy] = into;
  return [[`M${start.join(" ")} C${along(start, out, bend)} ${along(tip, into, -bend)} ${tip.join(" ")}`, `link ${kind}`],
    [`M${stop.join(" ")} L${stop[0] - ix * 9 - iy * 5} ${stop[1] - iy * 9 - ix * 5} ` +
      `L${stop[0] - ix * 9 + iy * 5} ${stop[1] - iy * 9 + ix * 5} Z`, `head ${kind}`]].map(([path, name]) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "path");
    made.setAttribute("d", path);
    made.setAttribute("class", name);
    return made;
  });
}
