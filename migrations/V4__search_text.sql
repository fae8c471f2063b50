-- Searches look for each word anywhere in a folded copy of title and description. PostgreSQL's text search dropped
-- parts of words at punctuation, and its parser takes quadratic time for long tokens.

-- Folded texts are equal if the texts differ only in case or in how Unicode composes their characters. Upper case is
-- the form without exceptions: it maps both forms of sigma to one, and ß to SS.
create function fold_text(text text) returns text
language sql immutable strict parallel safe
return normalize(upper(normalize(text, nfc) collate "und-x-icu"), nfc);

-- The functions of the previous release select by `search`, which stays for them, but empty: they find less until they
-- are replaced. A later migration removes the column.
alter table tasks
    alter column search drop expression,
    alter column search set default '',
    add column folded text;

-- The owner, who migrates, sees rows only while row-level security is not forced.
alter table tasks no force row level security;
update tasks set folded = fold_text(title || E'\n' || coalesce(description, '')), search = '';
alter table tasks force row level security;

alter table tasks alter column folded set not null;

-- A new task last changed when it was created. Functions set `created_at` to the time of their statement, because the
-- operations of a batch must not all have the time at which it began.
create function date_new_task() returns trigger
language plpgsql as $$
begin
    new.updated_at := new.created_at;
    return new;
end
$$;

create trigger tasks_dated
    before insert on tasks
    for each row
    when (new.updated_at <> new.created_at)
    execute function date_new_task();

-- Triggers, so that what the functions of the previous release write is folded too, and only when a text changes.
create function fold_task() returns trigger
language plpgsql as $$
begin
    new.folded := fold_text(new.title || E'\n' || coalesce(new.description, ''));
    return new;
end
$$;

create trigger tasks_fold_new
    before insert on tasks
    for each row
    execute function fold_task();

create trigger tasks_fold_changed
    before update of title, description on tasks
    for each row
    when ((old.title, old.description) is distinct from (new.title, new.description))
    execute function fold_task();

-- Tags that differ only in how Unicode composes their characters are the same tag. Most tags are composed already.
create function compose_tags(tags text[]) returns text[]
language sql immutable strict parallel safe
return case
    when array_to_string(tags, '') is nfc normalized then tags
    else array(select normalize(tag, nfc) from unnest(tags) with ordinality as given (tag, place) order by place)
end;
