#compdef secretctl
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
