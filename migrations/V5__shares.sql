-- One user never has more than a share of the connections: behind a pooler, all users share a few. What is refused here is
-- tried again by the function, which waits without a connection.

-- Names a lock of a user for one purpose. A digest, so that nobody can choose an id that shares another user's lock.
create function user_lock(purpose text, user_id text) returns bigint
language sql immutable strict parallel safe
return ('x' || encode(substr(sha256(convert_to(purpose || ' ' || user_id, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint;

-- Takes one of the user's slots until the transaction ends.
create function take_slot(user_id text, slots integer) returns void
language plpgsql as $$
declare
    first_slot constant bigint := user_lock('slot', user_id);
begin
    for slot in 0 .. slots - 1 loop
        if pg_try_advisory_xact_lock(first_slot # slot) then
            return;
        end if;
    end loop;
    raise exception using errcode = 'TD002', message = 'all slots of the user are taken';
end
$$;

-- Takes the user's turn to write several tasks until the transaction ends.
create function take_turn(user_id text) returns void
language plpgsql as $$
begin
    if not pg_try_advisory_xact_lock(user_lock('turn', user_id)) then
        raise exception using errcode = 'TD002', message = 'it is not the user''s turn';
    end if;
end
$$;
