// RxDB: a replication with the task API.
//
//   const { options, replicate } = offlineTasks({ api: new TaskApi({ … }) });
//   const { tasks } = await db.addCollections({ tasks: options });
//   const replication = replicate(tasks);
//
// Give each user a database of their own. `replication.reSync()` pulls: call it on a timer, and when the app
// comes to the front. RxDB pushes by itself, and repeats a push until it is answered.

import { addRxPlugin } from "rxdb/plugins/core";
import { RxDBLocalDocumentsPlugin } from "rxdb/plugins/local-documents";
import { replicateRxCollection } from "rxdb/plugins/replication";
import { deepEqual } from "rxdb/plugins/utils";
import { Subject } from "rxjs";

import { FIELDS, pick, same } from "./tasks.mjs";

addRxPlugin(RxDBLocalDocumentsPlugin);

const text = { type: ["string", "null"] };

const schema = {
  version: 0,
  primaryKey: "id",
  type: "object",
  properties: {
    id: { type: "string", maxLength: 36 },
    etag: { type: "string" }, // of the server's task that this document is based on
    title: { type: "string" },
    description: text,
    completed: { type: "boolean" },
    priority: { type: "string" },
    due: text,
    time_zone: text,
    tags: { type: "array", items: { type: "string" } },
    user_id: { type: "string" },
    completed_at: text,
    created_at: { type: "string" },
    updated_at: { type: "string" },
  },
  required: ["id"], // a deleted document has nothing else
};

/** The fields whose values differ. */
const changed = (before, after) =>
  FIELDS.filter((name) => name in after && !deepEqual(before?.[name], after[name]));

const documentOf = (id, task) => (task ? { ...task, _deleted: false } : { id, _deleted: true });

const CONFLICTS = ["precondition-failed", "not-found", "already-exists"].map((name) => `/docs/problems#${name}`);

/**
 * @param {object} options
 * @param {import("./tasks.mjs").TaskApi} options.api
 * @param {(operation: object, problem: object) => void} [options.onRefused] is told what the server will
 *   never accept. It has been undone in the collection.
 */
export function offlineTasks({ api, onRefused = console.warn, retryTime = 5000 }) {
  /** By ID: what was pushed, with its new tag, in place of the state that RxDB assumes the server to have. */
  const pushed = new Map();
  /** The IDs of documents whose change was refused: the server's state takes its place. */
  const refused = new Set();
  const resync = new Subject();
  let answered = 0;
  let last = Promise.resolve();
  let collection;
  const pending = async () => (await collection.getLocal("push"))?.toJSON().data;

  function baseOf(id, assumed) {
    const entry = pushed.get(id);
    return entry?.assumed.some((state) => deepEqual(state, assumed)) ? entry.base : assumed;
  }

  function resolve({ assumedMasterState, newDocumentState: mine, realMasterState: theirs }) {
    // What was deleted first stays deleted, and a task that has changed since is not deleted.
    if (refused.delete(mine.id) || theirs._deleted || mine._deleted) return theirs;
    // The fields that the user changed, on top of theirs.
    return { ...theirs, ...pick(mine, changed(baseOf(mine.id, assumedMasterState), mine)) };
  }

  async function pull(checkpoint) {
    const before = answered;
    let known = [];
    const remember = async () => (known = (await collection.find().exec()).map((task) => task.id));
    if (!checkpoint?.cursor) await remember();
    // All pages at once: RxDB takes a page that is shorter than its batch size for the last one, and it does
    // not save the checkpoint of an empty one.
    const { changes, cursor, full } = await api.changes(checkpoint?.cursor, remember);
    // What was here before the server listed everything, and is not listed, is gone. RxDB ignores this for what
    // is still to be pushed.
    if (full) for (const id of known) if (!changes.has(id)) changes.set(id, null);
    // RxDB skips a pulled document while its push is not over. So the cursor must not pass what was pulled
    // during a push: the next pull gets it again.
    const again = answered > before || (await pending())?.pushes;
    const documents = [...changes].map(([id, task]) => documentOf(id, task));
    return { documents, checkpoint: again ? checkpoint : { cursor } };
  }

  /** Sends the stored push, if there is one. Returns what failed. */
  async function settle() {
    const { key, pushes = [] } = (await pending()) ?? {};
    const results = await api.batch(
      pushes.map(({ operation }) => operation),
      key,
    );
    const failures = [];
    for (const [index, { operation, assumedMasterState, newDocumentState: mine }] of pushes.entries()) {
      const { status, task, etag, replayed, problem } = results[index];
      if (status < 300) {
        // A replayed answer has what others have changed since. Our old tag shows that, the new one hides it.
        const ours = !replayed || (task && same(mine, task));
        const base = { ...mine, etag: ours ? etag : (mine.etag ?? etag) };
        pushed.set(operation.id, { assumed: [assumedMasterState, mine], base });
      } else {
        failures.push({ operation, problem });
      }
    }
    if (pushes.length > 0) await collection.upsertLocal("push", {});
    answered += 1;
    return failures;
  }

  async function send(rows) {
    // A push whose answer was lost comes first, with its key: the server knows whether it was carried out.
    await settle();
    const pushes = rows.map((row) => ({ ...row, operation: operationOf(row) })).filter((row) => row.operation);
    if (pushes.length === 0) return [];
    await collection.upsertLocal("push", { key: crypto.randomUUID(), pushes });
    const conflicts = [];
    for (const { operation, problem } of await settle()) {
      const { id } = operation;
      conflicts.push(documentOf(id, await api.get(id)));
      if (CONFLICTS.includes(problem.type)) continue;
      refused.add(id);
      onRefused(operation, problem);
    }
    // The pull brings what the service has set, such as `updated_at` and the tag.
    resync.next("RESYNC");
    return conflicts;
  }

  function operationOf({ assumedMasterState, newDocumentState: task }) {
    const { id } = task;
    const base = baseOf(id, assumedMasterState);
    const exists = base && !base._deleted;
    // The tag of what the change was made to. That of a newer pull would hide a conflict.
    if (task._deleted) return exists && { operation: "delete", id, if_match: base.etag };
    if (!exists) return { operation: "create", id, task: pick(task) };
    const fields = changed(base, task);
    return fields.length > 0 && { operation: "update", id, if_match: base.etag, task: pick(task, fields) };
  }

  function replicate(tasks) {
    collection = tasks;
    return replicateRxCollection({
      collection,
      replicationIdentifier: api.base,
      retryTime,
      pull: { handler: pull, stream$: resync.asObservable() },
      // One after the other, because there is one place for a push without an answer.
      push: { handler: (rows) => (last = last.catch(() => {}).then(() => send(rows))), batchSize: 100 },
    });
  }

  const conflictHandler = { isEqual: deepEqual, resolve };
  return { options: { schema, conflictHandler, localDocuments: true }, replicate };
}
