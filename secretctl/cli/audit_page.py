"""``audit stats --html``: one page that needs nothing else, light or dark as the reader prefers.

No script, nothing from elsewhere; a policy in the page keeps a browser to that. Every text of the
journal is escaped.
"""

from html import escape

from secretctl.cli.audit_chart import count, most
from secretctl.cli.audit_table import items, local_time
from secretctl.cli.terminal import safe
from secretctl.model.shapes import Fields
from secretctl.model.timestamps import milliseconds

_KINDS = (("Reads", "reads"), ("Changes", "changes"), ("Errors", "errors"))
_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --faint: #68717d;
  --line: #e3e6ea; --reads: #2b7de9; --changes: #c98a00; --errors: #d13438; }
@media (prefers-color-scheme: dark) { :root { --ground: #15181c; --text: #e8eaed; --faint: #9aa4b0;
  --line: #2a2f36; --reads: #5aa2ff; --changes: #e0ad3a; --errors: #ff6b6e; } }
body { background: var(--ground); color: var(--text); margin: 2.5rem auto; max-width: 60rem;
  padding: 0 1.25rem; font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2.25rem 0 .5rem; }
p, th, .none { color: var(--faint); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { font-weight: 500; text-align: left; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .75rem .3rem 0; }
td { overflow-wrap: anywhere; } .number { text-align: right; width: 5rem; } .bar { width: 40%; }
.bar div { display: flex; height: .8rem; } .bar i { display: block; }
.total { display: inline-block; margin: 1rem 2.5rem 0 0; } .total b { display: block;
  font-size: 1.9rem; line-height: 1.2; } .key::before { content: ""; display: inline-block;
  width: .65rem; height: .65rem; margin-right: .4rem; border-radius: 2px;
  background: currentColor; }
.reads { background: var(--reads); } .changes { background: var(--changes); }
.errors { background: var(--errors); } .key { background: none; }
.key.reads { color: var(--reads); } .key.changes { color: var(--changes); }
.key.errors { color: var(--errors); }
"""


def page(answer: Fields, now_ms: int) -> str:
    """Return what was counted as a page of HTML."""
    days, secrets = items(answer, "Days"), items(answer, "Secrets")
    totals = "".join(
        f'<span class="total"><b>{sum(count(day, name) for day in days):,}</b>'
        f'<span class="key {style}">{name.lower()}</span></span>'
        for name, style in _KINDS
    )
    span = f"{days[0]['Day']} to {days[-1]['Day']}, " if days else ""
    by_day = [(str(day["Day"]), day, "") for day in days]
    by_secret = [(str(each["Name"]), each, _last(each)) for each in secrets]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>secretctl: reads and changes</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>Reads and changes</h1>\n<p>{escape(span)}as of {local_time(now_ms)}</p>\n{totals}\n"
        f"<h2>By day</h2>\n{_table('Day', by_day)}\n"
        f"<h2>By secret</h2>\n{_table('Secret', by_secret, 'Last event')}\n</body>\n</html>\n"
    )


def _table(heading: str, rows: list[tuple[str, Fields, str]], last: str = "") -> str:
    if not rows:
        return '<p class="none">nothing</p>'
    longest = most([row for _, row, _ in rows])
    numbers = "".join(f'<th class="number">{name}</th>' for name, _ in _KINDS)
    head = f"<tr><th>{heading}</th>{numbers}<th></th>{f'<th>{last}</th>' if last else ''}</tr>"
    return f"<table>\n{head}\n{''.join(_row(*row, longest) for row in rows)}</table>"


def _row(label: str, row: Fields, last: str, longest: int) -> str:
    numbers = "".join(f'<td class="number">{count(row, name):,}</td>' for name, _ in _KINDS)
    bars = "".join(
        f'<i class="{style}" style="width:{100 * count(row, name) / longest:.3f}%"></i>'
        for name, style in _KINDS
        if count(row, name)
    )
    end = f"<td>{escape(last)}</td>" if last else ""
    name = f"<td>{escape(safe(label))}</td>"
    return f'<tr>{name}{numbers}<td class="bar"><div>{bars}</div></td>{end}</tr>\n'


def _last(secret: Fields) -> str:
    return local_time(milliseconds(secret["LastEventDate"]))
