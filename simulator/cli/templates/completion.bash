# Completion of simulator, written by: simulator completion
_simulator_words() {
  case "$1" in
@CASES@
  esac
}
_simulator() {
  local line="${COMP_LINE:0:$COMP_POINT}" word command="" previous="" first="" kept="" words
  local quotes="${line//[^\"\']/}" current="${line##*[[:space:]]}"
  while IFS= read -r word; do  # the words that are finished
    if [ -n "$first" ] && [ -z "$command" ] && [ "${word#-}" = "$word" ]; then command="$word"; fi
    first=1
    if [ -n "$word" ]; then previous="$word"; fi
  done < <(printf '%s' "${line%"$current"}" | tr -s ' \t' '\n')
  if [ "$((${#quotes} % 2))" = 1 ]; then  # within quotes: the levers of a plan
    kept="${line##*[\"\']}"
    current="${current##*[\"\']}"
    kept="${kept%"$current"}"
    previous="--set"
  fi
  case "$current" in
    --*=*) previous="${current%%=*}"; kept="$previous="; current="${current#*=}" ;;
  esac
  if [ -z "$command" ]; then
    words="$(_simulator_words '')"
  elif [ "$current" != "${current%=*}" ]; then
    kept="$kept${current%=*}="
    words="$(_simulator_words "=${current%=*}")"
    current="${current##*=}"
  elif [ "${current#-}" != "$current" ]; then
    words="$(_simulator_words "$command")"
  else
    words="$(_simulator_words "$command $previous")"
    if [ -z "$words" ]; then words="$(_simulator_words "$command :")"; fi
  fi
  COMPREPLY=()
  while IFS= read -r word; do
    case "$word" in
      "") ;;
      "$current"*) COMPREPLY+=("$kept$word") ;;
    esac
  done < <(printf '%s\n' "$words" | tr ' ' '\n')
  if [ -z "${ZSH_VERSION-}" ]; then
    if [ "$((${#quotes} % 2))" = 0 ] && [ -n "$kept" ]; then  # bash breaks words at = by itself
      COMPREPLY=("${COMPREPLY[@]#"$kept"}")
    fi
    case "${COMPREPLY[0]-}" in *=) compopt -o nospace 2>/dev/null ;; esac
  fi
}
if [ -n "${ZSH_VERSION-}" ]; then autoload -U +X bashcompinit && bashcompinit; fi
complete -o bashdefault -o default -F _simulator simulator
