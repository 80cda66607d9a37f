# fish completion for gslbctl, which is asked what may stand there: commands, options, and names from the server.
function __gslbctl_complete
	set -l words (commandline -opc) (commandline -ct)
	set -l offered ($words[1] complete -- $words[2..-1] 2>/dev/null)
	if test "$offered[1]" = :files
		__fish_complete_path (commandline -ct)
	else
		printf '%s\n' $offered
	end
end
complete -c gslbctl -f -a '(__gslbctl_complete)'
