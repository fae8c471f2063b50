// TanStack DB: a collection of tasks that works offline.
//
//   const tasks = createCollection(offlineTasks({ api: new TaskApi({ … }), storage: localforage }));
//   addEventListener("online", () => tasks.utils.sync());
//
// `insert`, `update` and `delete` put what is to be sent into an outbox, which is stored with the server's
// tasks. `tasks.utils.sync()` sends the outbox, then reads what others have changed. Call it on a timer,
// when the device is online again, and when the app comes to the front.

import { pick, same } from "./tasks.mjs";

/**
 * @param {object} options
 * @param {import("./tasks.mjs").TaskApi} options.api
 * @param {{ getItem(name: string): any, setItem(name: string, value: string): any }} options.storage
 * @param {(operation: object, problem: object) => void} [options.onRefused] is told what the server will
 *   never accept, such as a title that is too long. It has been undone on the screen.
 */
export function offlineTasks({ api, storage, onRefused = console.warn }) {
  // The address of a user's tasks is the name, so each user of a device has a store and an outbox.
  const name = `offline tasks ${api.base}`;
  let state = { cursor: undefined, tasks: {}, outbox: [] };
  let tanstack;
  let loaded;
  let current = Promise.resolve();
  let next;
  const written = new Set();

  const load = async () => (state = JSON.parse((await storage.getItem(name)) ?? "null") ?? state);
  const save = () => storage.setItem(name, JSON.stringify(state));

  /** What the user sees: the server's task, and on top of it what is not sent yet. */
  function visible(id) {
    return state.outbox
      .filter((operation) => operation.id === id)
      .reduce((task, { kind, fields }) => {
        if (kind === "delete") return undefined;
        return kind === "create" ? fields : task && { ...task, ...fields };
      }, state.tasks[id]);
  }

  function show(ids, replace = false) {
    tanstack.begin();
    if (replace) {
      tanstack.truncate();
      written.clear();
    }
    for (const id of ids) {
      const task = visible(id);
      if (task) {
        tanstack.write({ type: written.has(id) ? "update" : "insert", value: { ...task, id } });
        written.add(id);
      } else if (written.delete(id)) {
        tanstack.write({ type: "delete", key: id });
      }
    }
    tanstack.commit();
  }

  const enqueue =
    (kind) =>
    async ({ transaction: { mutations } }) => {
      for (const { key: id, modified, changes } of mutations) {
        // The tag of the task that the user saw. The tag behind an earlier operation is not known yet.
        const waiting = state.outbox.some((operation) => operation.id === id);
        const ifMatch = waiting ? undefined : state.tasks[id]?.etag;
        const fields = pick(kind === "update" ? changes : modified);
        state.outbox.push({ kind, id, key: crypto.randomUUID(), ifMatch, fields });
      }
      show(mutations.map((mutation) => mutation.key));
      await save();
      // Without a connection this fails, and the outbox waits for the next call.
      sync().catch(() => {});
    };

  function send({ kind, id, key, ifMatch, fields }) {
    if (kind === "create") return api.request("PUT", `/tasks/${id}`, { key, ifNoneMatch: "*", body: fields });
    if (kind === "delete") return api.request("DELETE", `/tasks/${id}`, { key, ifMatch });
    return api.request("PATCH", `/tasks/${id}`, { key, ifMatch, body: fields });
  }

  async function settle(operation, { status, body, etag, replayed }) {
    const { id, kind } = operation;
    if (status < 204) {
      // A replayed answer has what others have changed since. The user had not seen that when they made the
      // next change, and our old tag shows it.
      const ours = !replayed || same({ ...state.tasks[id], ...operation.fields }, body);
      const next = state.outbox.slice(1).find((waiting) => waiting.id === id);
      if (!ours && next) next.ifMatch = operation.ifMatch;
      state.tasks[id] = { ...body, etag };
    } else if (status === 204 || status === 404) {
      // Deleted, by us or by somebody else. What was deleted first stays deleted; the trash has it.
      delete state.tasks[id];
    } else if (status === 412) {
      const theirs = await api.get(id);
      if (theirs) state.tasks[id] = theirs;
      else delete state.tasks[id];
      // A task that was changed is not deleted by somebody who has not seen the change. A change is made
      // again, on top of theirs: it contains only the fields that the user changed.
      if (theirs && kind !== "delete") {
        state.outbox[0] = { ...operation, kind: "update", key: crypto.randomUUID(), ifMatch: theirs.etag };
        return;
      }
    } else {
      onRefused(operation, body);
    }
    state.outbox.shift();
  }

  async function push() {
    while (state.outbox.length > 0) {
      const [operation] = state.outbox;
      // Stored before it is sent: a key stands for one request, which includes its If-Match.
      operation.ifMatch ??= state.tasks[operation.id]?.etag;
      await save();
      await settle(operation, await send(operation));
      show([operation.id]);
      await save();
    }
  }

  async function pull() {
    const { changes, cursor, full } = await api.changes(state.cursor);
    if (full) state.tasks = {};
    for (const [id, task] of changes) {
      if (task) state.tasks[id] = task;
      else delete state.tasks[id];
    }
    state.cursor = cursor;
    const waiting = state.outbox.map((operation) => operation.id);
    show(full ? new Set([...Object.keys(state.tasks), ...waiting]) : changes.keys(), full);
    await save();
  }

  async function run() {
    await loaded;
    do {
      await push();
      await pull();
    } while (state.outbox.length > 0);
  }

  /** Sends what is waiting and reads what has changed. A call during a run starts another one after it. */
  function sync() {
    next ??= current
      .catch(() => {})
      .then(() => {
        next = undefined;
        return (current = run());
      });
    return next;
  }

  return {
    id: name,
    getKey: (task) => task.id,
    sync: {
      rowUpdateMode: "full",
      sync: (functions) => {
        tanstack = functions;
        loaded = load().then(() => {
          show(new Set([...Object.keys(state.tasks), ...state.outbox.map(({ id }) => id)]));
          tanstack.markReady();
        });
        loaded.then(sync).catch(() => {});
      },
    },
    onInsert: enqueue("create"),
    onUpdate: enqueue("update"),
    onDelete: enqueue("delete"),
    utils: { sync },
  };
}
