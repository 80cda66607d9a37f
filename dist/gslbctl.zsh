#compdef gslbctl
# zsh completion for gslbctl, which is asked what may stand there: commands, options, and names from the server.
local -a offered parts
offered=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
if [[ ${offered[1]} == :files ]]; then
	_files
	return
fi
parts=("${(@M)offered:#*[/=]}")
offered=("${(@)offered:#*[/=]}")
compadd -S '' -a parts
compadd -a offered
