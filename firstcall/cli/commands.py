"""The table of commands. Each lives in a module of its own, imported only when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from firstcall import __version__
from firstcall.scoring.problems import nearest

# name -> (module that holds `command`, what it does, as `firstcall --help` says it)
COMMANDS = {
    "up": ("firstcall.cli.up", "Run the service: database, web, keeper and jobs."),
    "web": ("firstcall.cli.web", "Run the web server alone."),
    "worker": ("firstcall.cli.worker", "Keep scores right and do jobs, without the web server."),
    "migrate": ("firstcall.cli.migrate", "Bring the database to this version."),
    "backup": ("firstcall.cli.backup", "Write the whole database to a file."),
    "restore": ("firstcall.cli.restore", "Bring a backup back."),
    "import": ("firstcall.cli.importing", "Import a file of records or touchpoints."),
    "export": ("firstcall.cli.exporting", "Export records with their scores."),
    "imports": ("firstcall.cli.imports", "List, resume and undo imports."),
    "token": ("firstcall.cli.token", "Make an API token."),
    "password": ("firstcall.cli.password", "Give a user a new password."),
    "modules": ("firstcall.cli.modules", "The service's modules, fields and layouts as files."),
    "columns": ("firstcall.cli.columns", "The columnar copy: how far it is, and building it anew."),
    "rules": ("firstcall.cli.rules", "The service's scoring rules as files."),
    "score": ("firstcall.cli.score", "Rank records: whom to call first, and why."),
    "explain": ("firstcall.cli.explain", "The full why and why not of one record's score."),
    "check": ("firstcall.cli.check", "Find everything that is wrong with rules."),
    "compile": ("firstcall.cli.compile", "Print the SQL that a rule becomes."),
    "compare": ("firstcall.cli.compare", "What would change if a rule were replaced."),
    "backtest": ("firstcall.cli.backtest", "How well a rule tells won from lost."),
    "schema": ("firstcall.cli.schema", "Print the JSON Schema of rules, for editors."),
    "demo-data": ("firstcall.cli.demo_data", "Make up leads and touchpoints to try things on."),
}

EXIT_CODES = """\b
Exit codes:
  0    done
  1    something is wrong with a rule or a file
  2    wrong usage: an unknown option, a missing argument
  130  interrupted with Ctrl-C
\b
FIRSTCALL_DEBUG=1 shows where in the program an error came from;
NO_COLOR=1 keeps the output without colours."""


class Commands(click.Group):
    """Lists the table without importing anything, and imports the one command that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            guess = nearest(name, COMMANDS)
            ctx.fail(f"There is no command {name}." + (f" Did you mean {guess}?" if guess else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(__version__, "--version", message="firstcall %(version)s")
def firstcall() -> None:
    """Whom do we call first, and why? Scores leads by rules that people can read."""
