"""The third yardstick: the first contract of this API as FastAPI's and SQLModel's own guides would have it written.

One process of uvicorn with its faster event loop and parser, a pool of connections, an index for the list: what a careful
team deploys, not a straw man. It has neither row-level security nor what came later (ETags, dues, cursors, problems).
"""

import os
from datetime import datetime, timezone
from typing import Annotated, Literal
from uuid import UUID, uuid4

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from sqlmodel import Field, Index, Session, SQLModel, create_engine, desc, select

SECRET = os.environ["BETTER_AUTH_SECRET"]
engine = create_engine(os.environ["DATABASE_URL"])
app = FastAPI()


def now() -> datetime:
    return datetime.now(timezone.utc)


class TaskFields(SQLModel):
    title: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=10_000)
    completed: bool = False


class Task(TaskFields, table=True):
    __table_args__ = (Index("tasks_by_age", "user_id", desc("created_at"), desc("id")),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: str
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)


class TaskChanges(SQLModel):
    title: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=10_000)
    completed: bool | None = None


class Completion(SQLModel):
    completed: bool


def session():
    with Session(engine) as opened:
        yield opened


def caller(user_id: str, authorization: Annotated[str, Header()]) -> str:
    try:
        token = authorization.removeprefix("Bearer ")
        claims = jwt.decode(token, SECRET, ["HS256"], options={"require": ["exp", "sub"]})
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, str(error)) from error
    if claims["sub"] != user_id:
        raise HTTPException(403, "These are somebody else's tasks.")
    return user_id


Opened = Annotated[Session, Depends(session)]
Caller = Annotated[str, Depends(caller)]


def own_task(task_id: UUID, user: Caller, database: Opened) -> Task:
    task = database.exec(select(Task).where(Task.id == task_id, Task.user_id == user)).first()
    if task is None:
        raise HTTPException(404, "You have no task with this id.")
    return task


OwnTask = Annotated[Task, Depends(own_task)]


def saved(database: Session, task: Task) -> Task:
    database.add(task)
    database.commit()
    database.refresh(task)
    return task


@app.post("/api/v1/{user_id}/tasks", status_code=201)
def create_task(user: Caller, fields: TaskFields, database: Opened) -> Task:
    return saved(database, Task(user_id=user, **fields.model_dump()))


@app.get("/api/v1/{user_id}/tasks")
def list_tasks(
    user: Caller, database: Opened, status: Literal["all", "pending", "completed"] = "all"
) -> list[Task]:
    query = select(Task).where(Task.user_id == user).order_by(desc(Task.created_at), desc(Task.id))
    if status != "all":
        query = query.where(Task.completed == (status == "completed"))
    return list(database.exec(query).all())


@app.get("/api/v1/{user_id}/tasks/{task_id}")
def get_task(task: OwnTask) -> Task:
    return task


@app.put("/api/v1/{user_id}/tasks/{task_id}")
def update_task(task: OwnTask, changes: TaskChanges, database: Opened) -> Task:
    task.sqlmodel_update(changes.model_dump(exclude_unset=True) | {"updated_at": now()})
    return saved(database, task)


@app.patch("/api/v1/{user_id}/tasks/{task_id}/complete")
def complete_task(task: OwnTask, database: Opened, completion: Completion | None = None) -> Task:
    completed = completion.completed if completion else not task.completed
    task.sqlmodel_update({"completed": completed, "updated_at": now()})
    return saved(database, task)


@app.delete("/api/v1/{user_id}/tasks/{task_id}", status_code=204)
def delete_task(task: OwnTask, database: Opened) -> Response:
    database.delete(task)
    database.commit()
    return Response(status_code=204)


SQLModel.metadata.create_all(engine)
