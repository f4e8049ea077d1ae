/** Every workload checks what it did: a wrong result is no measurement. */
export function check(actual, expected) {
  if (actual !== expected) throw new Error(`Cannot measure: the workload gave ${actual} instead of ${expected}`);
}
