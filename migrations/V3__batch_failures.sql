-- PostgreSQL itself rolls back an atomic batch, in the round trip in which it was sent. An operation that fails records
-- that; the last statement of the batch raises an error if any has failed.

create function record_failure() returns boolean
language sql volatile
return set_config('app.operation_failed', 'yes', true) is not null;

-- The setting ends with the transaction: afterwards, it is null or empty.
create function raise_if_failed() returns void
language plpgsql as $$
begin
    if current_setting('app.operation_failed', true) = 'yes' then
        raise exception using
            errcode = 'TD001',
            message = 'an operation of an atomic batch failed, so the batch is rolled back';
    end if;
end
$$;
