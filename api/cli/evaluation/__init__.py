"""`pincite eval`: one module a command."""

import typer

from api.cli.evaluation.calibrate import calibrate
from api.cli.evaluation.compare import compare
from api.cli.evaluation.draft import draft
from api.cli.evaluation.gate import gate
from api.cli.evaluation.imports import import_set
from api.cli.evaluation.report import report
from api.cli.evaluation.run import run
from api.cli.evaluation.tune import tune

app = typer.Typer(help="Measure retrieval on sets of questions with known answers.", no_args_is_help=True)
app.command("run")(run)
app.command("compare")(compare)
app.command("draft")(draft)
app.command("import")(import_set)
app.command("report")(report)
app.command("gate")(gate)
app.command("tune")(tune)
app.command("calibrate")(calibrate)


@app.callback()
def evaluate() -> None:
    """Measure retrieval on sets of questions with known answers."""
