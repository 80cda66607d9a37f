# bash completion for gslbctl, which is asked what may stand there: commands, options, and names from the server.
# shellcheck disable=SC2207 # a word a line
_gslbctl() {
	local word=${COMP_WORDS[COMP_CWORD]} IFS=$'\n'
	COMPREPLY=($("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
	case ${COMPREPLY[0]:-} in
	:files)
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -f -- "$word"))
		;;
	*/ | *=) compopt -o nospace 2>/dev/null ;;
	?*) COMPREPLY=("${COMPREPLY[@]// /\\ }") ;;
	esac
}
complete -F _gslbctl gslbctl
