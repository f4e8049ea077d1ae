/** What there is many of in each workload. */
export const WORKLOADS = {
  tasks: "tasks, gathered",
  groupChildren: "children of a task group",
  cancellations: "tasks, cancelled while they wait",
  timers: "sleeps at once",
  lockWaiters: "tasks in line for a lock",
  semaphoreWaiters: "tasks in line for a semaphore",
  eventWaiters: "tasks that wait for an event",
  queueGetters: "tasks that wait for an item",
  queueItems: "items in a queue",
  priorityQueueItems: "items in a priority queue",
  nestedTimeouts: "nested timeouts",
  nestedScopes: "nested cancel scopes",
  chainLevels: "callers in a chain",
  chainResumes: "suspensions below a chain",
  bareGenerators: "generators without tsyncio",
};
