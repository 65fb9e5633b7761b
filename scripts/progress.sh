# shellcheck shell=bash
# quietly WHAT LOG COMMAND…: runs the command with its output in LOG, shows that it moves, and on failure the log's end and name.
quietly() {
  local what=$1 log=$2 started=$SECONDS last='' line
  shift 2
  mkdir -p "$(dirname "$log")"
  echo "$what (log: $log)"
  "$@" >"$log" 2>&1 </dev/null &
  local job=$! shown=$SECONDS result=0
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.2
    [ $((SECONDS - shown)) -ge 10 ] || continue
    shown=$SECONDS
    line=$(tail -c 400 "$log" | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -1 | cut -c1-110) || line=''
    [ "$line" = "$last" ] || printf '   %4d s  %s\n' $((SECONDS - started)) "$line"
    last=$line
  done
  wait "$job" || result=$?
  if [ "$result" != 0 ]; then
    tail -40 "$log"
    echo "FAILED after $((SECONDS - started)) s: $what; the whole log is $log"
  fi
  return "$result"
}
