"""The completion scripts: each asks the program itself, so none knows a command by name.

The words go through a pipe and not as arguments: a secret typed on the line would show in the
list of processes.
"""

from collections.abc import Mapping

_BASH = r"""# bash completion for secretctl
# Source it, or put it where bash-completion looks: share/bash-completion/completions/secretctl

_secretctl() {
    COMPREPLY=()
    # readline cuts words at = : @ too; the words that touch each other belong together.
    local line=${COMP_LINE:0:COMP_POINT} words=() piece rest index
    for ((index = 0; index < COMP_CWORD; index++)); do
        piece=${COMP_WORDS[index]}
        rest=${line#"${line%%[![:space:]]*}"}
        if ((index == 0)) || [[ $rest != "$line" ]]; then
            words+=("$piece")
        else
            words[${#words[@]} - 1]+=$piece
        fi
        line=${rest#"$piece"}
    done
    rest=${line#"${line%%[![:space:]]*}"}
    if [[ $rest != "$line" || ${#words[@]} -le 1 ]]; then
        words+=("$rest")
    else
        words[${#words[@]} - 1]+=$rest
    fi

    local quoted='' word
    [[ $rest == [\"\']* ]] && quoted=1
    words=("${words[@]//[\"\'\\]/}")
    local current=${words[${#words[@]} - 1]}

    # Only what stands behind the last of the characters that cut words is replaced.
    # Inside of quotes nothing cuts them.
    local cut=${current%"${current##*[=:@]}"} kept=''
    while [[ -z $quoted && -n $cut ]]; do
        if [[ $COMP_WORDBREAKS == *"${cut: -1}"* ]]; then
            kept=$cut
            break
        fi
        cut=${cut%?}
        cut=${cut%"${cut##*[=:@]}"}
    done

    while IFS= read -r word; do
        [[ $word == "$kept"* ]] || continue
        word=${word#"$kept"}
        if [[ -z $quoted && $word == *[!A-Za-z0-9/_+=.@:-]* ]]; then
            printf -v word '%q' "$word"
        fi
        COMPREPLY+=("$word")
    done < <(printf '%s\0' "${words[@]:1}" | command secretctl __complete 2>/dev/null)

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
        command secretctl __complete 2>/dev/null)}")
    found=(${found:#})
    if (( $#found )); then
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
    printf '%s\0' $words "$current" | command secretctl __complete 2>/dev/null
end

function __secretctl_wants_files
    set -l words (commandline -opc)
    contains -- $words[-1] --vault --key-file; and return 0
    contains -- exec $words; and contains -- -- $words
end

complete -c secretctl -f
complete -c secretctl -f -n 'not __secretctl_wants_files' -a '(__secretctl_candidates)'
complete -c secretctl -F -n __secretctl_wants_files
"""

SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""By shell."""
