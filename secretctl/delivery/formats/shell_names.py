"""Variables that a shell keeps to itself: read-only, of another type, or with an effect.

``export RANDOM='x'`` succeeds and loses the value, ``USERNAME`` makes zsh change the user, ``path``
is its PATH, and LC_ALL changes how the rest of a file is read. Those of zsh's modules are among
them, and those that an interactive shell has for completion, line editing and mail.

See: zshparam(1), zshmodules(1), bash(1), dash(1), fish's page on special variables
"""

from __future__ import annotations

_ZSH_WORDS = (
    "_ ARGC ARGV0 CDPATH COLUMNS EGID ERRNO EUID FIGNORE FPATH FUNCNEST GID HISTCHARS HISTCMD "
    "HISTSIZE HOME IFS KEYBOARD_HACK KEYTIMEOUT LINENO LINES LISTMAX LOGCHECK MAILCHECK MAILPATH "
    "MANPATH MODULE_PATH NULLCMD OPTARG OPTIND PATH POSTEDIT PPID PROMPT PROMPT2 PROMPT3 PROMPT4 "
    "PS1 PS2 PS3 PS4 PSVAR RANDOM READNULLCMD RPROMPT RPROMPT2 RPS1 RPS2 SAVEHIST SECONDS SHLVL "
    "SPROMPT STTY TERM TERMINFO TERMINFO_DIRS TMPPREFIX TMPSUFFIX TRY_BLOCK_ERROR "
    "TRY_BLOCK_INTERRUPT TTYIDLE UID USERNAME WATCH WORDCHARS ZCURSES_COLORS "
    "ZCURSES_COLOR_PAIRS ZFTP_SESSION ZFTP_TMOUT ZLE_RPROMPT_INDENT ZSH_EVAL_CONTEXT ZSH_SUBSHELL "
    "aliases argv builtins cdpath commands dirstack dis_aliases dis_builtins dis_functions "
    "dis_functions_source dis_galiases dis_patchars dis_reswords dis_saliases epochtime errnos "
    "exarr exint fignore fpath funcfiletrace funcsourcetrace funcstack functions functions_source "
    "functrace galiases histchars history historywords jobdirs jobstates jobtexts keymaps "
    "langinfo mailpath manpath mapfile module_path modules nameddirs options parameters patchars "
    "path pipestatus prompt psvar reswords saliases signals status sysparams termcap terminfo "
    "userdirs usergroups watch widgets zcurses_attrs zcurses_colors zcurses_keycodes "
    "zcurses_windows zgdbm_tied zle_bracketed_paste zsh_eval_context zsh_scheduled_events"
)
_BASH_WORDS = (
    "BASH BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_CMDS BASH_COMMAND "
    "BASH_COMPAT BASH_EXECUTION_STRING BASH_LINENO BASH_MONOSECONDS BASH_REMATCH BASH_SOURCE "
    "BASH_SUBSHELL BASH_TRAPSIG BASH_VERSINFO BASH_VERSION BASH_XTRACEFD COMP_CWORD COMP_KEY "
    "COMP_LINE COMP_POINT COMP_TYPE COMP_WORDBREAKS COMP_WORDS COPROC DIRSTACK EPOCHREALTIME "
    "EPOCHSECONDS EXECIGNORE FUNCNAME GLOBIGNORE GLOBSORT GROUPS HISTCONTROL HISTFILE "
    "HISTFILESIZE HISTIGNORE HISTTIMEFORMAT HOSTNAME HOSTTYPE MACHTYPE MAPFILE OPTERR OSTYPE "
    "PIPESTATUS POSIXLY_CORRECT READLINE_LINE READLINE_MARK READLINE_POINT REPLY SRANDOM TMOUT"
)
_FISH_WORDS = (
    "_ CMD_DURATION COLUMNS EUID FISH_VERSION IFS LINES SHLVL argv history hostname pipestatus "
    "status status_generation umask version"
)
_POSIX = frozenset(f"{_ZSH_WORDS} {_BASH_WORDS}".split())
_FISH = frozenset(_FISH_WORDS.split())
_LOCALE = ("LANG", "LC_")


def is_kept_by_posix_shells(name: str) -> bool:
    """Tell whether dash, bash or zsh has a use of its own for the variable *name*."""
    return name in _POSIX or name.startswith(_LOCALE)


def is_kept_by_fish(name: str) -> bool:
    """Likewise for fish."""
    return name in _FISH or name.startswith((*_LOCALE, "fish_", "__fish_"))
