// The three libraries behind one interface, so that the scenarios are the same for each.
//
// A replica can `create`, `update`, `remove` and list `all` of its tasks without a connection. `sync` tries
// once, until there is nothing left to do, or until the first failure, which it returns. `restart` closes the
// app and opens it again: whatever the adapter keeps in memory only is lost.

import { createCollection } from "@tanstack/db";
import { Database, Model, appSchema } from "@nozbe/watermelondb/index.js";
import lokijs from "@nozbe/watermelondb/adapters/lokijs/index.js";
import { default as logging } from "@nozbe/watermelondb/utils/common/logger/index.js";
import { createRxDatabase } from "rxdb/plugins/core";
import { getRxStorageMemory } from "rxdb/plugins/storage-memory";
import { firstValueFrom } from "rxjs";

import * as rxdb from "./rxdb.mjs";
import * as tanstack from "./tanstack.mjs";
import { pick } from "./tasks.mjs";
import { taskSync, taskTable } from "./watermelon.mjs";

/** A task before the server has filled in the rest. */
const newTask = (task) => ({
  description: null,
  completed: false,
  priority: "none",
  due: null,
  time_zone: null,
  tags: [],
  ...task,
});

/** What a replica knows of a task, without what only the server's answer has. */
const known = (task) => ({ ...pick(task), etag: task.etag });

class Replica {
  refused = [];
  onRefused = ({ id }, problem) => this.refused.push({ id, status: problem.status });

  /** For the app that is opened now: the API, which what still runs in the app before it cannot reach. */
  opened() {
    const api = Object.create(this.api);
    const onlyIfOpen = (response) => {
      if (this.open !== api) throw new TypeError("the app was closed");
      return response;
    };
    api.fetch = async (...request) => onlyIfOpen(await this.api.fetch(...onlyIfOpen(request)));
    this.open = api;
    return { api, onRefused: this.onRefused };
  }
}

export class TanStack extends Replica {
  static async open(api, device) {
    const replica = Object.assign(new TanStack(), { api, stored: device?.stored ?? new Map() });
    await replica.restart();
    return replica;
  }
  async restart() {
    await this.tasks?.cleanup();
    const opened = this.opened();
    const storage = {
      getItem: (name) => this.stored.get(name),
      setItem: (name, value) => opened.api === this.open && this.stored.set(name, value),
    };
    this.tasks = createCollection(tanstack.offlineTasks({ ...opened, storage }));
    await this.tasks.preload();
    await this.sync();
  }
  create = (id, task) => this.tasks.insert({ id, ...newTask(task) }).isPersisted.promise;
  update = (id, changes) => this.tasks.update(id, (task) => void Object.assign(task, changes)).isPersisted.promise;
  remove = (id) => this.tasks.delete(id).isPersisted.promise;
  all = async () => new Map(this.tasks.toArray.map((task) => [task.id, known(task)]));
  sync = () => this.tasks.utils.sync().catch((error) => error);
  close = () => this.tasks.cleanup();
}

let databases = 0;

export class Rx extends Replica {
  batches = true;
  static async open(api) {
    const database = await createRxDatabase({
      name: `tasks${++databases}`,
      storage: getRxStorageMemory(),
      multiInstance: false,
    });
    const replica = Object.assign(new Rx(), { api, database });
    await replica.restart();
    return replica;
  }
  async restart() {
    await this.collection?.close();
    const { options, replicate } = rxdb.offlineTasks({ ...this.opened(), retryTime: 5 });
    const { tasks } = await this.database.addCollections({ tasks: options });
    this.collection = tasks;
    this.replication = replicate(tasks);
    await this.sync();
  }
  create = (id, task) => this.collection.insert({ id, ...newTask(task) });
  update = async (id, changes) => (await this.#find(id)).incrementalPatch(changes);
  remove = async (id) => (await this.#find(id)).incrementalRemove();
  all = async () => new Map((await this.collection.find().exec()).map((task) => [task.id, known(task.toJSON())]));
  async sync() {
    const failure = firstValueFrom(this.replication.error$, { defaultValue: undefined });
    this.replication.reSync();
    return Promise.race([failure, this.replication.awaitInSync().then(() => undefined)]);
  }
  async close() {
    await this.database.close();
  }
  #find = (id) => this.collection.findOne(id).exec();
}

// What WatermelonDB logs as an error is a defect of an adapter.
logging.default.warn = logging.default.log = () => {};
logging.default.error = (...messages) => complaints.push(messages.join(" "));
export const complaints = [];

class Task extends Model {
  static table = "tasks";
}

export class Watermelon extends Replica {
  batches = true;
  static async open(api) {
    const options = {
      schema: appSchema({ version: 1, tables: [taskTable] }),
      useWebWorker: false,
      useIncrementalIndexedDB: true,
    };
    const adapter = new lokijs.default({
      ...options,
      dbName: `tasks${++databases}`,
      extraLokiOptions: { autosave: false },
    });
    const replica = Object.assign(new Watermelon(), {
      api,
      database: new Database({ adapter, modelClasses: [Task] }),
    });
    await replica.restart();
    return replica;
  }
  async restart() {
    this.synchronize = taskSync({ ...this.opened(), database: this.database });
    await this.sync();
  }
  create = (id, task) =>
    this.#write((tasks) =>
      tasks.create((record) => {
        record._raw.id = id;
        this.#assign(record, newTask(task));
      }),
    );
  update = (id, changes) =>
    this.#write(async (tasks) => (await tasks.find(id)).update((record) => this.#assign(record, changes)));
  remove = (id) => this.#write(async (tasks) => (await tasks.find(id)).markAsDeleted());
  async all() {
    const records = await this.database.get("tasks").query().fetch();
    const task = ({ tags, ...raw }) => known({ ...raw, tags: JSON.parse(tags) });
    return new Map(records.map(({ _raw }) => [_raw.id, task(_raw)]));
  }
  sync = () => this.synchronize().catch((error) => error);
  close = () => {};
  #write = (action) => this.database.write(() => action(this.database.get("tasks")));
  #assign(record, { tags, ...fields }) {
    for (const [column, value] of Object.entries(fields)) record._setRaw(column, value);
    if (tags) record._setRaw("tags", JSON.stringify(tags));
  }
}

export const LIBRARIES = { tanstack: TanStack, rxdb: Rx, watermelon: Watermelon };
