# Ends processes when its stdin closes. Arguments: the signal, and a directory to remove afterwards,
# or nothing. A line of stdin is `add PID` or `remove PID`; a negative number is a process group.
trap "" HUP INT TERM
members=" "
while read -r action member; do
    case $action in
    add) members="$members$member " ;;
    remove) members="${members%%" $member "*} ${members#*" $member "}" ;;
    esac
done

exec 2>/dev/null
for member in $members; do kill -"$1" "$member"; done
[ -n "$2" ] || exit 0
for member in $members; do
    # A process that has ended is still there if nobody waits for it.
    for _ in $(seq 600); do
        kill -0 "$member" || break
        sleep 0.05
    done
done
rm -rf -- "$2"
