# shellcheck shell=bash
# quietly WHAT LOG COMMAND…: runs the command with its output in LOG, shows that it moves, and on failure the log's end and name.
# Who uses it calls stop_quiet_job from its EXIT trap, so that Ctrl-C ends the command with everything that it started.
quiet_job=

stop_quiet_job() {
  [ -z "$quiet_job" ] || kill -- "-$quiet_job" 2>/dev/null || true
}

last_line() {
  tail -c 8000 "$1" | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -1 | cut -c1-110
}

quietly() {
  local what=$1 log=$2 started=$SECONDS shown=$SECONDS last='' line result=0
  shift 2
  mkdir -p "$(dirname "$log")"
  echo "$what (log: $log)"
  set -m  # a process group of its own
  "$@" >"$log" 2>&1 </dev/null &
  quiet_job=$!
  set +m
  while kill -0 "$quiet_job" 2>/dev/null; do
    sleep 0.2
    [ $((SECONDS - shown)) -ge 10 ] || continue
    shown=$SECONDS
    line=$(last_line "$log") || line=''
    [ "$line" = "$last" ] || printf '   %4d s  %s\n' $((SECONDS - started)) "$line"
    last=$line
  done
  wait "$quiet_job" || result=$?
  quiet_job=
  if [ "$result" != 0 ]; then
    tail -40 "$log"
    echo "FAILED after $((SECONDS - started)) s: $what; the whole log is $log"
  fi
  return "$result"
}
