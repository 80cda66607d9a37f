# bash completion for gslbctl
# shellcheck disable=SC2207 # words without spaces
_gslbctl() {
	local word=${COMP_WORDS[COMP_CWORD]} command='' i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s | -t | -o | -f | --*) [[ ${COMP_WORDS[i]} == --*=* || ${COMP_WORDS[i]} == --dry-run || ${COMP_WORDS[i]} == --prune || ${COMP_WORDS[i]} == --defaults ]] || ((i++)) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	local kinds='regions networks monitors pools zones services probers tokens drains'
	local options='--server --token-file --output --help --version'
	case $command in
	'') COMPREPLY=($(compgen -W "get apply delete schema region pool endpoint bulk drains health explain events ready revisions revision rollback zone token geo $options" -- "$word")) ;;
	get | delete | schema) COMPREPLY=($(compgen -W "$kinds --defaults" -- "$word")) ;;
	apply) if [[ ${COMP_WORDS[COMP_CWORD - 1]} == -f ]]; then COMPREPLY=($(compgen -f -- "$word")); else COMPREPLY=($(compgen -W '-f --dry-run --prune --comment' -- "$word")); fi ;;
	endpoint) COMPREPLY=($(compgen -W 'drain restore verdict up down --for --reason' -- "$word")) ;;
	region | pool) COMPREPLY=($(compgen -W 'drain restore --for --reason' -- "$word")) ;;
	bulk) COMPREPLY=($(compgen -W 'drain restore weight enable disable --region --pool --label --cidr --for --reason --dry-run' -- "$word")) ;;
	zone) if [[ ${COMP_WORDS[COMP_CWORD - 1]} == import ]]; then COMPREPLY=($(compgen -f -- "$word")); else COMPREPLY=($(compgen -W 'import export --origin --dry-run' -- "$word")); fi ;;
	token) COMPREPLY=($(compgen -W 'list create delete --role --prober' -- "$word")) ;;
	explain) COMPREPLY=($(compgen -W '--client --type' -- "$word")) ;;
	geo) COMPREPLY=($(compgen -W reload -- "$word")) ;;
	rollback) COMPREPLY=($(compgen -W --dry-run -- "$word")) ;;
	events) COMPREPLY=($(compgen -W "--limit --follow" -- "$word")) ;;
	health) COMPREPLY=($(compgen -W "accept --for --reason" -- "$word")) ;;
	revisions) COMPREPLY=($(compgen -W --limit -- "$word")) ;;
	esac
}
complete -F _gslbctl gslbctl
