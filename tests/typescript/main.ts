// A frontend uses the API, and each step is checked: `node out/main.js API_URL TOKEN`. The user must have no tasks.

import assert from "node:assert/strict";

import { type Api, ApiError, body, connect, me, type Task, withTag } from "./client.js";
import { advice } from "./problems.js";
import { change, pages, read } from "./tasks.js";

const [url = "", token = ""] = process.argv.slice(2);
const api = connect(url, async () => token);

await createsOnceThoughTheAnswerIsLost();
await listsPageByPage(api);
await changesWithoutLosingAnothersChange(api);
await clearsWhatIsNull(api);
await completesAndPolls(api);
await createsOffline(api);
await knowsWhatToDoAboutProblems(api);
await doesManyThingsAtOnce(api);
await showsADashboard(api);

async function create(title: string, fields: Partial<Task> = {}): Promise<Task> {
  const header = { "Idempotency-Key": crypto.randomUUID() };
  const request = { params: { path: me, header }, body: { title, ...fields } };
  return body(api.POST("/api/v1/{user_id}/tasks", request));
}

async function createsOnceThoughTheAnswerIsLost(): Promise<void> {
  let requests = 0;
  const lossy = connect(url, async () => token, async (request) => {
    const response = await fetch(request as Request);
    if (++requests === 1) throw new TypeError("the connection is lost");
    return response;
  });
  const { data, response } = await lossy.POST("/api/v1/{user_id}/tasks", {
    params: { path: me, header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { title: "Buy milk", due: "2026-12-01", tags: ["shopping"] },
  });
  assert.equal(requests, 2);
  assert.equal(response.headers.get("Idempotency-Replayed"), "true");
  const stored = await body(api.GET("/api/v1/{user_id}/tasks", { params: { path: me } }));
  assert.deepEqual(stored, [data]);
  step("created one task, although the first answer was lost");
}

async function listsPageByPage(api: Api): Promise<void> {
  for (const title of ["Dig", "Sow", "Water", "Weed", "Harvest"]) {
    await create(title, { tags: ["garden"], priority: title === "Water" ? "high" : "low" });
  }
  const filters = { tag: ["garden"], status: "pending", sort: "title", limit: 2 } as const;
  const titles = [];
  for await (const page of pages(api, { ...filters, tag: [...filters.tag] })) {
    titles.push(page.map((task) => task.title));
  }
  assert.deepEqual(titles, [["Dig", "Harvest"], ["Sow", "Water"], ["Weed"]]);

  const query = { tag: ["garden"], priority: ["high" as const, "urgent" as const], limit: 1, count: true };
  const { data, response } = await api.GET("/api/v1/{user_id}/tasks", { params: { path: me, query } });
  assert.deepEqual(data?.map((task) => task.title), ["Water"]);
  assert.equal(response.headers.get("X-Total-Count"), "1");
  step("listed matching tasks page by page, and counted them");
}

async function changesWithoutLosingAnothersChange(api: Api): Promise<void> {
  const mine = await read(api, (await create("Call Ann")).id);
  const theirs = await change(api, mine, () => ({ description: "About the party" }));

  let edits = 0;
  const changed = await change(api, mine, (task) => {
    edits += 1;
    return { title: `${task.title} and Bob`, tags: [...task.tags, "phone"] };
  });
  assert.equal(edits, 2, "the first edit was based on an old version");
  assert.deepEqual(
    [changed.data.title, changed.data.description, changed.data.tags],
    ["Call Ann and Bob", theirs.data.description, ["phone"]],
  );
  step("changed a task that had changed in the meantime, and lost nothing");
}

async function clearsWhatIsNull(api: Api): Promise<void> {
  const task = await create("Pay rent", { due: "2026-12-01T09:00:00+01:00", time_zone: "Europe/Berlin" });
  const changed = await change(api, await read(api, task.id), () => ({ due: null, time_zone: null }));
  assert.deepEqual({ ...changed.data, updated_at: "" }, { ...task, due: null, time_zone: null, updated_at: "" });

  // A form may send back the whole task that it received.
  const path = { ...me, task_id: task.id };
  const whole = { ...changed.data, title: "Pay the rent" };
  const put = await body(
    api.PUT("/api/v1/{user_id}/tasks/{task_id}", { params: { path }, body: whole }),
  );
  assert.equal(put.title, "Pay the rent");
  step("cleared fields with null, and sent a whole task back");
}

async function completesAndPolls(api: Api): Promise<void> {
  const path = { ...me, task_id: (await create("Water the plants")).id };
  const { data, etag } = await withTag(
    api.PATCH("/api/v1/{user_id}/tasks/{task_id}/complete", { params: { path }, body: { completed: true } }),
  );
  assert.equal(typeof data.completed_at, "string");

  const poll = { params: { path, header: { "If-None-Match": etag } } };
  const same = await api.GET("/api/v1/{user_id}/tasks/{task_id}", poll);
  assert.equal(same.response.status, 304);
  const toggled = await body(api.PATCH("/api/v1/{user_id}/tasks/{task_id}/complete", { params: { path } }));
  assert.deepEqual([toggled.completed, toggled.completed_at], [false, null]);
  const news = await body(api.GET("/api/v1/{user_id}/tasks/{task_id}", poll));
  assert.deepEqual(news, toggled);
  step("completed a task, polled it in vain, and toggled it");
}

async function createsOffline(api: Api): Promise<void> {
  const path = { ...me, task_id: crypto.randomUUID() };
  const request = { params: { path, header: { "If-None-Match": "*" as const } }, body: { title: "Made offline" } };
  const created = await api.PUT("/api/v1/{user_id}/tasks/{task_id}", request);
  assert.deepEqual([created.response.status, created.data?.id], [201, path.task_id]);
  const again = await api.PUT("/api/v1/{user_id}/tasks/{task_id}", request);
  assert.equal(again.response.status, 412, "the task exists, so the client is in sync");
  step("created a task with its own ID");
}

async function knowsWhatToDoAboutProblems(api: Api): Promise<void> {
  const invalid = await failure(api.POST("/api/v1/{user_id}/tasks", {
    params: { path: me },
    body: { title: "", tags: ["a", "a"] },
  }));
  assert.deepEqual(advice(invalid), {
    do: "correct",
    fields: new Map([["/title", "must not be empty"], ["/tags/1", "must not be given twice"]]),
  });

  const path = { ...me, task_id: crypto.randomUUID() };
  const missing = await failure(api.GET("/api/v1/{user_id}/tasks/{task_id}", { params: { path } }));
  assert.equal(advice(missing).do, "reload");

  const stranger = connect(url, async () => "no token");
  const unknown = await failure(stranger.GET("/api/v1/{user_id}/tasks", { params: { path: me } }));
  assert.equal(advice(unknown).do, "sign in");
  step("knew what to do about invalid fields, a missing task and a bad token");
}

async function failure(answer: Parameters<typeof body>[0]): Promise<ApiError["failure"]> {
  const error = await body(answer).catch((error: unknown) => error);
  assert.ok(error instanceof ApiError);
  return error.failure;
}

async function doesManyThingsAtOnce(api: Api): Promise<void> {
  const task = await create("Old");
  const { results } = await body(api.POST("/api/v1/{user_id}/tasks/batch", {
    params: { path: me },
    body: {
      atomic: false,
      operations: [
        { operation: "create", task: { title: "New" } },
        { operation: "update", id: task.id, task: { priority: "urgent" } },
        { operation: "delete", id: crypto.randomUUID() },
        { operation: "delete", id: task.id },
      ],
    },
  }));
  const seen = results.map((result) => {
    if ("task" in result) return result.task.title;
    return "problem" in result ? advice(result.problem).do : result.status;
  });
  assert.deepEqual(seen, ["New", "Old", "reload", 204]);

  const operations = [
    { operation: "create" as const, task: { title: "Never" } },
    { operation: "complete" as const, id: task.id, completed: true },
  ];
  const refused = await api.POST("/api/v1/{user_id}/tasks/batch", { params: { path: me }, body: { operations } });
  assert.equal(refused.response.status, 409);
  step("ran a batch, and a batch that is all or nothing");
}

async function showsADashboard(api: Api): Promise<void> {
  const query = { time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  const summary = await body(api.GET("/api/v1/{user_id}/tasks/summary", { params: { path: me, query } }));
  const all = await body(api.GET("/api/v1/{user_id}/tasks", { params: { path: me } }));
  assert.equal(summary.total, all.length);
  assert.deepEqual(summary.by_tag[0], { tag: "garden", pending: 5, completed: 0 });
  assert.equal(summary.by_priority.high.pending, 1);
  step("counted everything for a dashboard");
}

function step(what: string): void {
  console.log(`ok: ${what}`);
}
