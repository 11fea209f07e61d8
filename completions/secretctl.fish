# fish completion for secretctl
# Source it, or put it into a directory of $fish_complete_path.

function __secretctl_candidates
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct | string replace -ar '[\'"\\\\]' '')
    printf '%s\0' $words "$current" | command secretctl __complete 2>/dev/null
end

function __secretctl_wants_files
    set -l words (commandline -opc)
    contains -- $words[-1] --vault --key-file --manifest; and return 0
    contains -- exec $words; and contains -- -- $words
end

complete -c secretctl -f
complete -c secretctl -f -n 'not __secretctl_wants_files' -a '(__secretctl_candidates)'
complete -c secretctl -F -n __secretctl_wants_files
