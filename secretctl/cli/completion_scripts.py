"""The completion scripts: each asks the program itself, so none knows a command by name.

The words go through a pipe and not as arguments: a secret typed on the line would show in the
list of processes.
"""

from collections.abc import Mapping

_BASH = r"""# bash completion for secretctl
# Source it, or put it where bash-completion looks: share/bash-completion/completions/secretctl

_secretctl() {
    # The words as the shell will read them. Of the last, readline replaces what stands behind an
    # open quote, else behind the last of the characters that cut words: that much is kept.
    local line=${COMP_LINE:0:COMP_POINT} words=() word='' kept='' quote='' begun='' index char
    for ((index = 0; index < ${#line}; index++)); do
        char=${line:index:1}
        if [[ $char == \\ && $quote != "'" ]]; then
            ((++index))
            word+=${line:index:1} begun=1
        elif [[ -n $quote ]]; then
            if [[ $char == "$quote" ]]; then quote=''; else word+=$char; fi
        elif [[ $char == [\"\'] ]]; then
            quote=$char kept=$word begun=1
        elif [[ $char == [[:space:]] ]]; then
            [[ -z $begun ]] || words+=("$word")
            word='' kept='' begun=''
        else
            word+=$char begun=1
            [[ $COMP_WORDBREAKS != *"$char"* ]] || kept=$word
            # Where readline completes names of hosts, what it replaces begins with the @.
            [[ $char != @ ]] || ! shopt -q hostcomplete || kept=${kept%@}
        fi
    done

    local answer IFS=$'\n' globbing=$-
    answer=$(printf '%s\0' "${words[@]:1}" "$word" | command secretctl __complete 2>/dev/null)
    set -f
    if [[ ${words[*]} == *$'\n'exec$'\n'*-- && $word != */* &&
        ${words[${#words[@]} - 1]} == -- ]]; then
        answer=$(compgen -c -- "$word") # behind exec ... -- stands a program
    fi
    COMPREPLY=($answer)
    [[ $globbing == *f* ]] || set +f
    COMPREPLY=("${COMPREPLY[@]#"$kept"}")

    if [[ -z $quote && $answer =~ [^A-Za-z0-9/_+=.@:$IFS-] ]]; then
        for index in "${!COMPREPLY[@]}"; do
            printf -v word '%q' "${COMPREPLY[index]}"
            COMPREPLY[index]=$word
        done
    fi
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *\?@(stage|version)= ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

# Where there is nothing to offer, file names are: --vault DIR, exec ... -- COMMAND FILE.
complete -o default -F _secretctl secretctl
"""

_ZSH = r"""#compdef secretctl
# zsh completion for secretctl
# Source it after compinit, or put it as _secretctl into a directory of $fpath.

_secretctl() {
    local -a found
    local separator=${words[(i)--]}
    if [[ ${words[(r)exec]} == exec ]] && (( separator < CURRENT )); then
        shift $separator words
        (( CURRENT -= separator ))
        _normal
        return
    fi
    found=("${(@f)$(printf '%s\0' "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" |
        command secretctl __complete --described 2>/dev/null)}")
    found=(${found:#})
    if [[ -n ${(M)found:#*$'\t'*} ]]; then
        # A command or an option, a tab, and what it is.
        found=("${(@)found//:/\\:}")
        found=("${(@)found/$'\t'/:}")
        _describe -t secretctl 'commands and options' found
    elif (( $#found )); then
        # Behind the kind of a version, its label or id goes on.
        local -a open=(${(M)found:#*\?(stage|version)=})
        found=(${found:#*\?(stage|version)=})
        compadd -S '' -a open
        compadd -a found
    else
        _files
    fi
}

if [[ ${funcstack[1]} == _secretctl ]]; then
    _secretctl "$@"
else
    compdef _secretctl secretctl
fi
"""

_FISH = r"""# fish completion for secretctl
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
"""

SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""By shell."""
