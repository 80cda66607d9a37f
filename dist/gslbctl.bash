# bash completion for gslbctl: commands and options come from `gslbctl commands` and `gslbctl --help`.
# shellcheck disable=SC2207 # words without spaces
_gslbctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=() i table general with_value
	table=$("${COMP_WORDS[0]}" commands 2>/dev/null)
	general=$("${COMP_WORDS[0]}" --help 2>/dev/null | sed '1,/^options:/d;/^$/,$d')
	with_value=$(grep -oE -- '--[a-z-]+ [A-Z]+' <<<"$table $general" | sed 's/ .*//' | sort -u)
	takes_value() { case $1 in -s | -t | -o | -f) return 0 ;; --*) grep -qxe "$1" <<<"$with_value" ;; *) return 1 ;; esac; }
	options() { grep -oE -- '--[a-z-]+'; }
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) takes_value "${COMP_WORDS[i]}" && ((i++)) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	case $before in
	-f | --file | -t | --token-file | --ca-file | import) COMPREPLY=($(compgen -f -- "$word")); return ;;
	-o | --output) COMPREPLY=($(compgen -W 'table json yaml' -- "$word")); return ;;
	esac
	takes_value "$before" && return
	if [ ${#words[@]} -eq 0 ]; then
		COMPREPLY=($(compgen -W "$(cut -d ' ' -f 1 <<<"$table" | sort -u) $(options <<<"$general")" -- "$word"))
		return
	fi
	local mine kinds='' second=''
	mine=$(grep -E "^${words[0]} ${words[1]:-}( |\$)" <<<"$table" || grep -E "^${words[0]}( [^a-z]|\$)" <<<"$table")
	if [ ${#words[@]} -eq 1 ]; then
		second=$(sed -n "s/^${words[0]} \([a-z]\{1,\}\).*/\1/p" <<<"$table")
		case ${words[0]} in
		get | delete | schema | set | patch | edit) kinds='region network monitor pool zone service prober rules endpoint record' ;;
		esac
	fi
	COMPREPLY=($(compgen -W "$kinds $second $(options <<<"$mine $general")" -- "$word"))
}
complete -F _gslbctl gslbctl
