# bash completion for gslbctl: commands and options come from its own help.
# shellcheck disable=SC2207 # words without spaces
_gslbctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=() i help
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s | -t | -o | -f | --server | --token-file | --ca-file | --output | --file | --timeout) ((i++)) ;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	case $before in
	-f | --file | -t | --token-file | --ca-file | import) COMPREPLY=($(compgen -f -- "$word")); return ;;
	-o | --output) COMPREPLY=($(compgen -W 'table json yaml' -- "$word")); return ;;
	esac
	help=$("${COMP_WORDS[0]}" --help 2>/dev/null)
	if [ ${#words[@]} -eq 0 ]; then
		COMPREPLY=($(compgen -W "$(sed -n '/^commands:/,/^options:/s/^  \([a-z]*\).*/\1/p' <<<"$help" | sort -u) $(grep -oE -- '--[a-z-]+' <<<"$help")" -- "$word"))
		return
	fi
	local second kinds=''
	second=$(sed -n "/^commands:/,/^options:/s/^  ${words[0]} \([a-z]\{1,\}\) .*/\1/p" <<<"$help")
	case ${words[0]} in
	get | delete | schema | set | patch | edit) [ ${#words[@]} -eq 1 ] && kinds='region network monitor pool zone service prober endpoint record' ;;
	esac
	[ ${#words[@]} -gt 1 ] && second=''
	help=$("${COMP_WORDS[0]}" "${words[@]:0:2}" --help 2>/dev/null)
	COMPREPLY=($(compgen -W "$kinds $second $(grep -oE -- '--[a-z-]+' <<<"$help")" -- "$word"))
}
complete -F _gslbctl gslbctl
