# fish completion for secretctl
# Source it, or put it into a directory of $fish_complete_path.

function __secretctl_candidates
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct | string replace -ar '[\'"\\\\]' '')
    set -l found (printf '%s\0' $words "$current" |
        command secretctl __complete --described 2>/dev/null | string match -v '')
    if set -q found[1]
        printf '%s\n' $found
    else # file names are offered: --vault DIR, --env-file=FILE
        set -l option (string match -r '^--[^=]+=' -- $current)
        set -l typed (commandline -ct | string replace -r '^--[^=]+=' '')
        for file in (complete -C "'' $typed")
            printf '%s%s\n' "$option" $file
        end
    end
end

function __secretctl_runs_a_command
    set -l words (commandline -opc)
    contains -- exec $words; and contains -- -- $words
end

function __secretctl_of_the_command
    set -l words (commandline -opc)
    set -e words[1..(contains -i -- -- $words)]
    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
end

complete -c secretctl -f
complete -c secretctl -f -n 'not __secretctl_runs_a_command' -a '(__secretctl_candidates)'
complete -c secretctl -f -n __secretctl_runs_a_command -a '(__secretctl_of_the_command)'
