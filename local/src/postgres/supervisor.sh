exec 3<&0 </dev/null
remove=$1
shift

"$@" 3<&- &
server=$!
{
    if read -r signal <&3; then
        kill -"$signal" "$server"
    else
        # Repeatedly: a server that is just starting ignores the signal, as all background jobs do.
        while kill -INT "$server"; do sleep 0.05; done
        [ -z "$remove" ] || rm -rf -- "$remove"
    fi
} >/dev/null 2>&1 &

wait "$server"
