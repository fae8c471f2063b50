// WatermelonDB: synchronize() with the task API.
//
//   const database = new Database({ adapter, modelClasses: [Task] });   // schema: taskTable
//   const sync = taskSync({ database, api: new TaskApi({ … }) });
//   await sync();
//
// Give each user a database of their own. Call `sync()` on a timer, when the device is online again, and when
// the app comes to the front.

import { Q, tableSchema } from "@nozbe/watermelondb/index.js";
import { synchronize } from "@nozbe/watermelondb/sync/index.js";

import { FIELDS, pick, same } from "./tasks.mjs";

const optional = { type: "string", isOptional: true };

export const taskTable = tableSchema({
  name: "tasks",
  columns: [
    { name: "title", type: "string" },
    { name: "description", ...optional },
    { name: "completed", type: "boolean" },
    { name: "priority", type: "string" },
    { name: "due", ...optional },
    { name: "time_zone", ...optional },
    { name: "tags", type: "string" }, // an array, as JSON
    { name: "etag", ...optional }, // set by the server
  ],
});

const rawOf = ({ id, etag, tags, ...task }) => ({ id, etag, ...pick(task), tags: JSON.stringify(tags) });
const fieldsOf = (raw, names) => {
  const { tags, ...fields } = pick(raw, names);
  return tags === undefined ? fields : { ...fields, tags: JSON.parse(tags || "[]") };
};

/**
 * @param {object} options
 * @param {import("@nozbe/watermelondb").Database} options.database
 * @param {import("./tasks.mjs").TaskApi} options.api
 * @param {(operation: object, problem: object) => void} [options.onRefused] is told what the server does not
 *   accept. It stays in the database and is sent again by each sync, until the user corrects it.
 */
export function taskSync({ database, api, onRefused = console.warn }) {
  /** cursor; pending: a push without an answer; done: what was pushed and not pulled yet, by ID. */
  let state;
  const save = () => database.localStorage.set("task-sync", state);

  /** Sends the pending push. Returns the IDs that the server did not accept. */
  async function settle() {
    const { key, operations, raws } = state.pending;
    const results = await api.batch(operations, key);
    const rejected = [];
    for (const [index, { status, task, etag, replayed, problem }] of results.entries()) {
      const operation = operations[index];
      const { id } = operation;
      // A deletion is over in any case. After a 412, the next pull brings the task back: it has changed.
      const over = operation.operation === "delete" && [404, 412].includes(status);
      // A replayed answer has what others have changed since. Our old tag shows that, the new one hides it.
      const ours = !replayed || (task && same(fieldsOf(raws[id]), task));
      if (status < 300) state.done[id] = { raw: raws[id], etag: ours ? etag : (raws[id]?.etag ?? etag) };
      else if (!over) rejected.push(id);
      const conflict = [404, 412].includes(status) || problem?.type === "/docs/problems#already-exists";
      if (status >= 300 && !conflict) onRefused(operation, problem);
    }
    state.pending = null;
    await save();
    return rejected;
  }

  /** The raw records that are deleted here. WatermelonDB gives their IDs only. */
  function deletedRecords(ids) {
    const query = database.get("tasks").query(Q.where("id", Q.oneOf(ids)));
    // `description` leaves out what is deleted.
    return database.adapter.unsafeQueryRaw({ ...query.serialize(), description: query._rawDescription });
  }

  async function pullChanges({ lastPulledAt }) {
    state = (await database.localStorage.get("task-sync")) ?? { cursor: undefined, pending: null, done: {} };
    // First of all, the push whose answer was lost: the server knows its key. If it were made again from
    // what is pulled now, it would undo what others have changed since.
    if (state.pending) await settle();
    const { changes, cursor, full } = await api.changes(lastPulledAt ? state.cursor : undefined);

    // A task that is deleted here and has changed there comes back. Our own change does not count.
    const deleted = await deletedRecords(await database.adapter.getDeletedRecords("tasks"));
    const revived = deleted.filter(({ id, etag }) => {
      const done = state.done[id];
      const seen = done ? done.etag : etag;
      return changes.get(id) && changes.get(id).etag !== seen;
    });
    await database.adapter.destroyDeletedRecords(
      "tasks",
      revived.map(({ id }) => id),
    );

    const updated = [...changes.values()].filter(Boolean).map(rawOf);
    const gone = [...changes.keys()].filter((id) => !changes.get(id));
    return {
      changes: { tasks: { created: [], updated, deleted: gone } },
      // Must grow and be above 0. Nothing reads it: the server's cursor is not a number.
      timestamp: (lastPulledAt ?? 0) + 1,
      ...(full && { experimentalStrategy: "replacement" }),
      cursor,
      settled: [...changes.keys()].filter((id) => !deleted.some((raw) => raw.id === id)),
    };
  }

  /** Called when the changes are in the database, so no cursor is ahead of them. */
  function onDidPullChanges({ cursor, settled }) {
    state.cursor = cursor;
    for (const id of settled) delete state.done[id];
    return save();
  }

  /** The columns that the user changed and that are not pushed yet, on top of the server's record. */
  function conflictResolver(_table, local, remote) {
    const base = state.done[local.id]?.raw;
    let columns = local._changed ? local._changed.split(",") : [];
    if (local._status === "created") columns = FIELDS;
    if (base) columns = FIELDS.filter((column) => local[column] !== base[column]);
    const status = columns.length > 0 ? "updated" : "synced";
    return { ...remote, ...pick(local, columns), _status: status, _changed: columns.join(",") };
  }

  async function pushChanges({ changes: { tasks } }) {
    const raws = new Map([...tasks.created, ...tasks.updated].map((raw) => [raw.id, raw]));
    const operations = [...raws.values()].map(operationOf);
    for (const { id, etag } of await deletedRecords(tasks.deleted)) {
      const if_match = state.done[id]?.etag ?? etag;
      if (if_match) operations.push({ operation: "delete", id, if_match });
    }
    const rejected = [];
    for (let at = 0; at < operations.length; at += 100) {
      const some = operations.slice(at, at + 100);
      const pushed = Object.fromEntries(some.map(({ id }) => [id, raws.get(id)]));
      state.pending = { key: crypto.randomUUID(), operations: some, raws: pushed };
      await save();
      rejected.push(...(await settle()));
    }
    // WatermelonDB takes everything for pushed but these.
    return { experimentalRejectedIds: { tasks: rejected } };
  }

  const functions = { pullChanges, onDidPullChanges, conflictResolver, pushChanges };
  const run = () => synchronize({ database, ...functions, sendCreatedAsUpdated: true });
  // WatermelonDB aborts the second of two that run at once.
  let last = Promise.resolve();
  return () => (last = last.catch(() => {}).then(run));
}

function operationOf(raw) {
  const { id, etag, _changed } = raw;
  // A record with a tag is on the server, even if WatermelonDB has not heard that it was created.
  if (!etag) return { operation: "create", id, task: fieldsOf(raw) };
  return { operation: "update", id, if_match: etag, task: fieldsOf(raw, _changed.split(",")) };
}
