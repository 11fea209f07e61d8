# bash completion for secretctl
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
