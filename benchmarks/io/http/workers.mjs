/** For clients of promises: workers that call `get` one time after the other. It gives the length of a body. */
export function workers(get) {
  const worker = async (requests) => {
    for (let i = 0; i < requests; i++) {
      const length = await get();
      if (length !== 1024) throw new Error(`Cannot measure: ${length} bytes came`);
    }
  };
  return (count, requests) => Promise.all(Array.from({ length: count }, () => worker(requests)));
}
