/** What a frame belongs to, by where its file lies. */
const PLACES = [
  ["loop", /\/core\/dist\/loop\//],
  ["task", /\/core\/dist\/task\//],
  ["coroutine", /\/core\/dist\/coroutine\//],
  ["core", /\/core\/dist\//],
  ["workload", /\/benchmarks\//],
];
/** No work of the main thread. */
const WAITING = new Set(["(idle)", "(root)"]);

function placeOf(url) {
  return PLACES.find(([, pattern]) => pattern.test(url))?.[0] ?? "platform";
}

/** A function as it is shown: with the file of the core that it stands in. */
function titleOf({ functionName, url }) {
  const name = functionName === "" ? "anonymous" : functionName;
  const file = /\/core\/dist\/(.+)\.js$/.exec(url)?.[1];
  return file === undefined ? name : `${name} · ${file}`;
}

/**
 * The tree of calls of a CPU profile, from `since` on: `{ title, place, samples, children }`, where `samples` are those in the
 * function itself.
 */
export function stacksOf({ nodes, samples, timeDeltas, startTime }, since) {
  const counts = new Map();
  let time = startTime;
  samples.forEach((id, i) => {
    time += timeDeltas[i];
    if (time >= since) counts.set(id, (counts.get(id) ?? 0) + 1);
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const tree = ({ id, callFrame, children = [] }) => ({
    title: titleOf(callFrame),
    place: placeOf(callFrame.url),
    samples: WAITING.has(callFrame.functionName) ? 0 : (counts.get(id) ?? 0),
    children: children.map((child) => tree(byId.get(child))),
  });
  return tree(nodes[0]);
}

/** The share of each function in the time, without what it calls: `[title, share]`, the greatest first. */
export function ownShares(root) {
  const own = new Map();
  let all = 0;
  const count = ({ title, samples, children }) => {
    own.set(title, (own.get(title) ?? 0) + samples);
    all += samples;
    children.forEach(count);
  };
  count(root);
  return [...own].map(([title, samples]) => [title, samples / all]).sort(([, a], [, b]) => b - a);
}
