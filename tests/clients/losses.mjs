// The request is carried out, and the answer is lost.

import assert from "node:assert/strict";

import { losePush } from "./pushes.mjs";

export const losses = {
  async "a creation whose answer was lost is made once"(world) {
    const [a, b] = await world.pair();
    losePush(a, "create");
    const id = await world.create(a, { title: "once" });
    await a.sync();
    assert.deepEqual(await world.titles(), ["once"], "it was carried out");
    await b.sync();
    await b.update(id, { title: "changed since" });
    await b.sync();
    await world.converge(a, b);
    assert.deepEqual(await world.titles(), ["changed since"]);
  },

  async "what was typed after a creation whose answer was lost is kept"(world) {
    const [a, b] = await world.pair();
    losePush(a, "create");
    const id = await world.create(a, { title: "draft" });
    await a.sync();
    await a.update(id, { title: "final" });
    await b.sync();
    await b.update(id, { description: "of b" });
    await b.sync();
    const tasks = await world.converge(a, b);
    assert.deepEqual([tasks.get(id).title, tasks.get(id).description], ["final", "of b"]);
  },

  async "a change whose answer was lost does not undo what was changed since"(world) {
    const [a, b, id] = await world.pair("old");
    losePush(a, "update");
    await a.update(id, { title: "of a", description: "of a" });
    await a.sync();
    await b.sync();
    await b.update(id, { title: "of b, who has seen it" });
    await b.sync();
    await a.update(id, { priority: "high" });
    const tasks = await world.converge(a, b);
    const { title, description, priority } = tasks.get(id);
    assert.deepEqual([title, description, priority], ["of b, who has seen it", "of a", "high"]);
  },

  async "a change whose answer was lost does not bring a deleted task back"(world) {
    const [a, b, id] = await world.pair("old");
    losePush(a, "update");
    await a.update(id, { title: "of a" });
    await a.sync();
    await b.sync();
    await b.remove(id);
    await b.sync();
    assert.equal((await world.converge(a, b)).size, 0);
  },

  async "a deletion after a lost answer spares what somebody has changed since, and nothing else"(world) {
    const [a, b, changed, unchanged] = await world.pair("t", "u");
    losePush(a, "update");
    await a.update(changed, { title: "of a" });
    await a.sync();
    await world.sync(b);
    await a.update(unchanged, { title: "also of a" });
    await b.update(changed, { description: "of b" });
    await world.sync(b);
    await a.remove(changed);
    await a.remove(unchanged);
    const tasks = await world.converge(a, b);
    assert.deepEqual([...tasks.keys()], [changed]);
    assert.equal(tasks.get(changed).description, "of b");
  },

  async "a task whose change got no answer can be deleted"(world) {
    const [a, b, id] = await world.pair("t");
    losePush(a, "update");
    await a.update(id, { title: "of a" });
    await a.sync();
    await a.remove(id);
    assert.equal((await world.converge(a, b)).size, 0);
  },

  async "a deletion whose answer was lost deletes nothing that was restored"(world) {
    const [a, b, id] = await world.pair("t");
    losePush(a, "remove");
    await a.remove(id);
    await a.sync();
    await b.sync();
    await world.server.request("POST", `/trash/${id}/restore`);
    const tasks = await world.converge(a, b);
    assert.equal(tasks.get(id)?.title, "t");
  },

  async "an app that is closed after a lost answer continues where it was"(world) {
    const [a, b, id, doomed] = await world.pair("old", "doomed");
    losePush(a, "update");
    await a.update(id, { title: "of a" });
    await a.sync();
    await a.restart();
    await b.sync();
    await b.update(id, { title: "of b, who has seen it" });
    await b.sync();
    await a.restart();
    await a.remove(doomed);
    const added = await world.create(a, { title: "added" });
    await world.converge(a, b);
    a.network.online = false;
    await a.update(added, { title: "added and renamed" });
    await a.restart();
    await world.converge(a, b);
    assert.deepEqual(await world.titles(), ["added and renamed", "of b, who has seen it"]);
  },
};
