# Read by the scripts beside it: an empty home, gone when the script ends, with nothing of yours in it.
set -eu
HOME=$(mktemp -d)
export HOME
# In a subshell, dash knows of no jobs: so a file has them.
trap 'jobs -p > "$HOME/jobs"; kill $(cat "$HOME/jobs") 2> /dev/null || :; wait; rm -rf "$HOME"' EXIT
trap 'exit 130' INT TERM
for name in $(env | sed -n 's/^\(\(SECRETCTL\|XDG\|AWS\|GITHUB\)_[A-Z_]*\|CI\)=.*/\1/p'); do
    unset "$name"
done
cd "$HOME"

# part TITLE: begin what stands on the page under that title.
part() {
    printf '\n== %s\n' "$1"
}

# show: print the command on standard input and run it; it has to succeed.
show() {
    command=$(cat)
    printf '$ %s\n' "$command"
    eval "$command" 2>&1
}

# fails: likewise, of a command that has to fail.
fails() {
    command=$(cat)
    printf '$ %s\n' "$command"
    if eval "$command" 2>&1; then
        echo 'this was not to succeed' >&2
        exit 1
    fi
}
