# Arguments: the pid file of Postgres, the signal that stops it, and the folder to remove, if any.
# Each line of the input names the process to watch from then on; an empty one names none.
watched=
while read -r line; do watched=$line; done

if [ -n "$watched" ] && kill -s "$2" "$watched"; then
    tries=0
    while [ -e "$1" ] && [ "$tries" -lt 3000 ]; do
        sleep 0.02
        tries=$((tries + 1))
    done
    [ ! -e "$1" ] || kill -s KILL "$watched"
fi
[ -z "$3" ] || rm -rf -- "$3"
