# bash completion for secretctl
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
