// Random histories: two replicas do anything at any time, and the network fails as it likes.
//
// Only `a` writes titles after a task is created, and only `b` writes descriptions. So it is known what every
// task must be in the end: a change that is lost, or made twice, shows.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

const STEPS = 60;

/** A generator of numbers in 0..1 (mulberry32), so that a history can be repeated. */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class History {
  /** What each task must be, by its ID. `uncertain`: somebody deleted it, or tried to. */
  expected = new Map();
  steps = 0;

  constructor(world, seed) {
    this.world = world;
    this.next = random(seed);
  }

  async run() {
    const { world } = this;
    const replicas = [await world.replica(), await world.replica()];
    for (let step = 0; step < STEPS; step += 1) {
      const replica = this.#one(replicas);
      const other = replicas[1 - replicas.indexOf(replica)];
      await this.#one(this.#actions)(replica, other, replica === replicas[0] ? "title" : "description");
    }
    for (const { network } of replicas) network.forget();
    const tasks = await world.converge(...replicas);
    this.#check(tasks);
  }

  #actions = [
    (replica) => this.#create(replica),
    (replica, _, field) => this.#update(replica, field),
    (replica, _, field) => this.#update(replica, field),
    (replica) => this.#remove(replica),
    () => this.#restore(),
    (replica) => replica.sync(),
    (replica) => replica.sync(),
    (_, other) => other.sync(),
    (replica) => void (replica.network.online = false),
    (replica) => void (replica.network.online = true),
    (replica) => void (replica.network.online = true),
    (replica) => replica.network.loseAnswerTo(this.#one(["PUT", "PATCH", "DELETE", "GET"]), /./),
    (replica) => replica.network.loseAnswerTo("POST", /./),
    (replica) => replica.network.expireCursor(),
    (replica) => replica.restart(),
    (replica, _, field) => replica.network.afterNext("GET", /^\/changes$/, () => this.#update(replica, field)),
  ];

  async #create(replica) {
    const id = randomUUID();
    this.expected.set(id, { title: `task ${this.expected.size}`, description: null, uncertain: false });
    await replica.create(id, { title: this.expected.get(id).title });
  }

  async #update(replica, field) {
    const id = this.#one([...(await replica.all()).keys()]);
    if (!id) return;
    this.steps += 1;
    this.expected.get(id)[field] = `${field} ${this.steps}`;
    await replica.update(id, { [field]: `${field} ${this.steps}` });
  }

  async #remove(replica) {
    const id = this.#one([...(await replica.all()).keys()]);
    if (!id) return;
    this.expected.get(id).uncertain = true;
    await replica.remove(id);
  }

  async #restore() {
    const { body } = await this.world.server.request("GET", "/trash");
    const task = this.#one(body);
    if (task) await this.world.server.request("POST", `/trash/${task.id}/restore`);
  }

  #check(tasks) {
    for (const [id, { title, description, uncertain }] of this.expected) {
      if (uncertain) continue;
      const task = tasks.get(id);
      assert.deepEqual([task?.title, task?.description], [title, description], `of task ${id}`);
    }
  }

  #one = (list) => list[Math.floor(this.next() * list.length)];
}
